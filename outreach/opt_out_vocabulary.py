"""The pieces that the wordings of an opt-out are built from, against flattened text: lower case, no accents, straight
quotes."""

import re

Named = tuple[tuple[str, re.Pattern[str]], ...]


def named(rows: dict[str, str]) -> Named:
    return tuple((rule, re.compile(pattern)) for rule, pattern in rows.items())


STOP = r"\b(?=[st])(?:s[t7][o0]+p+|stpo|sotp|tsop|stp|stah?p|s t o p|s[.\-_*]t[.\-_*]o[.\-_*]p)\b"
QUIT = rf"(?:{STOP}|\b(?:quit|qiut|quti|cease|halt|discontinue|end|refrain from|terminate|no more|knock off)\b)"
NOT = r"\b(?=[dnb])(?:do not|don'?t|do n't|dnt|don t|never|not to|better not)\b"
TEXT = (
    r"(?:te?x+t?(?:s|ing|in|ed)?|mess?a?ge?(?:s|ing|in)?|messag\w*|msg\w*|sms|contact(?:s|ing|in)?"
    r"|bother\w*|harass\w*|bug+ing|spam\w*)"
)
CONTACT = (
    rf"(?:{TEXT}|call(?:s|ing|in)?|e-?mail\w*|writ(?:e|ing)|phon(?:e|ing)|solicit\w*|communicat\w*"
    r"|pester\w*|annoying|disturb\w*|reach(?:ing)? out|hit(?:ting)? up|hitting|blowing)"
)
MINE = (
    r"(?:me|us|(?:my|our|this|the|that|his|her)(?: \w+){0,2}? ?(?:number|#|num|phone|cell|contact"
    r"|info\w*|details|digits|name)s?"
    r"|name|number)\b"
)
LIST = (
    r"(?:lists?|database|data base|system|records?|contacts?|files?|texts?|texting|messages?"
    r"|messaging|campaigns?|roster|sheet"
    r"|directory|mailings?|crm|computer|phone|group|chat|rolodex|address book|(?:phone ?)?books?|notes|spreadsheet"
    r"|distribution)\b"
)
PROPERTY = r"(?:deed|title|property|tax\w*|land|will|succession|mortgage|note|deal|contract|market|heirs?hip|lease)\b"
SUBJECT = (
    r"(?:i|we|he|she|they)(?:'ll|'d|'ve| will| had| have| need| want| might| may| could| can| would"
    r"| should| did| just)*(?: to)?"
)
LATER = (
    r"(?:right now|before|after|until|till?\b|during|while|at work|today|tonight|tomorrow|this week"
    r"|on \w+days?|so early"
    r"|so late|unless|without|past|between|in the morning|at night|on weekends|with a lowball|if)"
)

WIPE = (
    r"\b(?:remov\w?|rmove|take|tak|delete|drop|get|scratch|strike|cross|erase|pull|clear|wipe|purge|scrub"
    r"|exclude|unenroll)"
)
WHOM = (
    r"(?:(?:me|us|her|him|them|number|name|(?:my|our|this|that|the|his|her) (?:\w+ )?(?:number|name|info|phone|cell"
    r"|contact|#)"
    r"|my (?:mom|mother|mama|dad|daddy|father|wife|husband|brother|sister|family|grand\w+|parents|son|daughter))\b)"
)
NO_CALL = (
    r"(?:\bdnc\b|\b(?:do\W?n[o']?t|no)\W?(?:call|contact|te?xt)\W+(?:list|registry)|\b(?:the|your|national"
    r"|federal|state) do\W?not\W?\w+)"
)
