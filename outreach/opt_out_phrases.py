"""The wordings behind the opt-out decision, written against flattened text: lower case, no accents, straight quotes."""

import re
from typing import Final

Named = tuple[tuple[str, re.Pattern[str]], ...]


def _named(rows: dict[str, str]) -> Named:
    return tuple((rule, re.compile(pattern)) for rule, pattern in rows.items())


STARTS: Final = frozenset({"start", "unstop"})

_FILLERS = (
    "please pls plz por favor thanks thank you thx ty gracias now ok okay just sir maam ma'am hey hi hello "
    "already reply immediately asap right it this these me us them text texting texts and guys yall y'all man "
    "bro dude everything fucking damn freaking goddamn yes yeah"
)
FILLERS: Final = frozenset(_FILLERS.split())

_PER_SE = (
    "stop stopall stopp sttop stoppit stopnow end endall quit quitnow revoke optout optmeout optoutall cancel "
    "cancelall unsubscribe unsubscribeall unsub unsubcribe remove removed delete cease desist ceasedesist "
    "nomore enough halt donotcontact dnc goaway alto parar pare paren parale para basta yabasta cancelar "
    "cancela cancele baja salir detener detengase detente nomas desuscribir desuscribirme terminar stopplease "
    "noreply stopalready blockme stopend endstop stopquit stopunsubscribe stopcancel stopremove removestop "
    "stopoptout unsubscribestop"
)
PER_SE: Final = frozenset(_PER_SE.split())

ALMOST_STOP: Final = ("stop", "stopall", "quit", "cancel", "unsubscribe", "optout", "revoke")
_RESEMBLES_STOP = (
    "top shop slop swop step atop stoop strop stow stomp stops quiet quite suit quilt quip quits cancels "
    "cancela revoked revokes evoke canceled cancelled optouts"
)
RESEMBLES_STOP: Final = frozenset(_RESEMBLES_STOP.split())

_STOP = r"(?:\bs[t7][o0]+p+\b|\bstpo\b|\bsotp\b|\btsop\b|\bstp\b|\bs t o p\b|\bs[.\-_*]t[.\-_*]o[.\-_*]p\b)"
_QUIT = rf"(?:{_STOP}|\b(?:quit|qiut|quti|cease|halt|discontinue|end|refrain from|terminate|no more|knock off)\b)"
_NOT = r"(?:\bdo not\b|\bdon'?t\b|\bdo n't\b|\bdnt\b|\bdon t\b|\bnever\b|\bnot to\b)"
_TEXT = (
    r"(?:te?x+t?(?:s|ing|in|ed)?|mess?a?ge?(?:s|ing|in)?|messag\w*|msg\w*|sms|contact(?:s|ing|in)?"
    r"|bother\w*|harass\w*|bug+ing|spam\w*)"
)
_CONTACT = (
    rf"(?:{_TEXT}|call(?:s|ing|in)?|e-?mail\w*|writ(?:e|ing)|phon(?:e|ing)|solicit\w*|communicat\w*"
    r"|pester\w*|annoying|disturb\w*|reach(?:ing)? out|hitting|blowing)"
)
_MINE = (
    r"(?:me|us|(?:my|our|this|the|that|his|her)(?: \w+){0,2}? ?(?:number|#|num|phone|cell|contact"
    r"|info\w*|details|digits|name)s?"
    r"|name|number)\b"
)
_LIST = (
    r"(?:lists?|database|data base|system|records?|contacts?|files?|texts?|texting|messages?"
    r"|messaging|campaigns?|roster|sheet"
    r"|directory|mailings?|crm|computer|phone|group|chat|rolodex|address book|books|spreadsheet|distribution)\b"
)
_PROPERTY = r"(?:deed|title|property|tax\w*|land|will|succession|mortgage|note|deal|contract|market|heirs?hip|lease)\b"
_SUBJECT = (
    r"(?:i|we|he|she|they)(?:'ll|'d|'ve| will| had| have| need| want| might| may| could| can| would"
    r"| should| did| just)*(?: to)?"
)
_LATER = (
    r"(?:right now|before|after|until|till?\b|during|while|at work|today|tonight|tomorrow|this week"
    r"|on \w+days?|so early"
    r"|so late|unless|without|past|between|in the morning|at night|on weekends|with a lowball|if)"
)

# Wordings that contain a stop word and mean something else. What begins inside one of them is not an opt-out.
KEEPS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"\bstop(?:s|ped|ping)? (?:by|in(?! the name)|at(?! once)|over|on|off|through|past|near|to|for"
        r"|me if|along|back|sign|light|around|up|down|out)\b",
        r"\bstop(?:s|ped|ping)? the (?!te?xt|mess|msg|call|spam|harass|sms|bs\b|bull|madness|solicit|contact)",
        r"\bstop and (?!desist)",
        r"\bstop(?:s|ped)? (?:paying|working|farming|mowing|trying to (?:sell|pay)|growing|raining"
        r"|cutting|dumping|watering|using|going|sinking|flooding|being able|smoking|drinking"
        r"|thinking about it|renting|leasing)\b",
        r"\b(?:bus|truck|pit|non|full|next|first|last|rest|gas|train|street ?car|whistle|one|a|quick"
        r"|short|every|each|door|back)[ -]?stops?\b",
        r"(?<!why )(?<!you )(?<!u )(?<!this )(?<!it )(?<!yall )(?<!they )\b(?:do not|don'?t|dont|never"
        r"|not|no need to|didn'?t|did not|can'?t|cannot|won'?t|couldn'?t)"
        r" (?:ever |even |want (?:you|u|this|it) to |want to |mean to |need to |say |ask to |trying to |try to )?"
        r"(?:stop|quit|remove|take|delete|opt|unsub\w*|cancel|lose|forget|end|block|revoke)\b(?: (?:me"
        r"|us|my)\b[^.,;!?]{0,25})?",
        rf"(?<!do )(?<!can )(?<!did )\b{_SUBJECT} (?:stop|quit|end|cancel|block|remove|lose)\b(?! you\b| this\b| u\b)",
        r"\b(?:keep|leave) (?:me|us|my number) (?:on|in)\b",
        r"\b(?:remove|take|delete|get) (?:me|us|my name|our name|his name"
        rf"|her name)\b(?: \w+){{0,2}}? (?:from|off|out)(?: of)?(?: \w+){{0,2}}? {_PROPERTY}",
        r"\b(?:call|phone|ring|calls)\b(?!,? (?:or|and|nor)\b)[^.!?]{0,20}[.,;!? ]+(?:but |just |please "
        r"|pls |only |you can |better |can you |so )*(?:text|txt|message|msg)(?: me| only| is| instead"
        r"| works|$)",
        rf"{_NOT} (?:call|phone|ring)(?: me)?\b(?! (?:or|and|nor)\b).{{0,30}}?\b(?:text|txt|message|msg)",
        r"\bno (?:more )?(?:phone )?calls?\b.{0,40}?\b(?:text|txt|message)",
        r"\bwant (?:a |any |your |to )?(?:phone )?calls?\b.{0,30}?\b(?:text|txt|message)",
        r"\b(?:do not|don'?t) want to (?:text|call|bother)\b",
        r"\b(?:you|u|they|nobody) never (?:call|text|contact|message|write)",
        r"\b(?:i|we|he|she|they) (?:do not|don'?t|never) (?:text|call|contact|email|write)\b",
        r"\bquit ?-?claim",
        r"\bquit (?:my|his|her|the|their|smoking|drinking|paying)\b",
        r"\b(?:at|by|until|till?|in|near|toward|towards|to|for) the end\b|\b(?:week|year|month|dead|rear"
        r"|low|high|front|back|far|other|north|south|east|west|deep|which|either|both)[ -]?ends?\b",
        r"\bend of (?!conversation|discussion|story|this conversation|convo)",
        r"\b(?:did|does|do|will|would|was|were|been|being|got|get) (?:they |it |he |she |you |we )?cancel",
        r"\bwhat (?:does|is|do you mean by)\b.{0,20}\bopt",
        r"\bno more than\b|\bno more (?:land|property|taxes|acres|money|room)\b",
    )
)

# An opt-out may be meant, but the words carry a condition, a quotation or another thing to end: a person decides.
_UNCLEAR: Final = {
    "quoted instruction": r"\b(?:you|it|u|that|text|message)\W+(?:said|says|say|told me)\W+(?:to\W+|i (?:can|could"
    r"|should)\W+)?(?:(?:reply|text|type|send|say)\W+)"
    r"[\"']?(?:stop|opt ?out)\b[^.!?]{0,40}"
    r"|\b(?:do i|should i|have to|if i|when i)\W+(?:have to\W+|need to\W+)?(?:reply|text|type|send"
    r"|say|press)\w*\W+(?:with\W+)?[\"']?stop\b[^.!?]{0,40}"
    r"|\bwhat (?:is|does|do you mean by|happens if)\b[^.!?]{0,20}\b(?:stop|opt ?out)\b",
    "repeated instruction": r"\b(?:reply|text|txt|type|send|respond)(?: with)? [\"']?stop[\"']? (?:to|2"
    r"|for) [^.!?]{0,30}",
    "with a condition": rf"\bno (?:more )?(?:calls|texts|messages|texting|calling),? {_LATER}|{_NOT} (?:ever )?(?:text"
    r"|txt|message|msg|contact|call|bother|write|send|email)(?: me| us| here| this number| back"
    rf"| again)*,? {_LATER}",
    "from somebody else": r"\b(?:do not|don'?t|dont) want to be (?:contacted|called|bothered|texted) by (?!you|u\b"
    r"|y'?all"
    r"|any|your)",
    "something else to end": r"\b(?:cancel|opt out of|revoke|withdraw|end|stop|terminate)(?: \w+){0,3}? (?:offers?"
    r"|contract"
    r"|deal|agreement|appointment|meeting|closing|power of attorney|poa|listing|lease|sale|auction)\b",
    "bargaining": _STOP
    + r" (?:low ?balling|joking|playing|kidding|beating|being (?:so )?cheap|insulting|messing|worrying"
    r"|talking|guessing)",
}

ASKS: Final = _named(
    {
        "stop contacting": rf"{_QUIT}(?:\W+(?:all|any|with|the|these|those|your|ur|u|this|sending|me|my|us|ever"
        rf"|freaking"
        r"|damn|fucking"
        rf"|future|further|more|from|unwanted|stupid|constant|random|out|trying to|asking to)){{0,5}}\W+{_CONTACT}\b",
        "stop sending": _QUIT
        + r"\W+(?:send\w*|asking|trying|wasting|hit\w*|blow\w*|reaching|it\b|this\b|offer\w*|hound\w*"
        r"|stalk\w*|solicit\w*)",
        "do not contact me": rf"{_NOT}(?:\W+(?:you|ever|even|dare|please|pls|keep|be|u|again|try|need|to)){{0,4}}\W+"
        r"(?:te?xt|message|msg|contact|call|bother|e-?mail|write|phone|reach out|harass|bug|hit|solicit"
        r"|disturb|spam)(?:ing|in)?(?:\W+(?:to|up))?\W+"
        r"(?:me|us|this|my|him|her|here|again|any ?more|no more|ever|back|any|nobody|our)\b",
        "do not send": rf"{_NOT}(?:\W+(?:you|ever|keep)){{0,2}}\W+send(?:ing)?(?:\W+(?:me|us|any ?more|any|no|more"
        rf"|these"
        rf"|this|those|further|another|other|unsolicited|stupid|your|to|my|phone|number|of)){{0,5}}"
        r"\W+(?:te?xt|message|msg|sms|stuff|anything|shit|crap|spam|junk|nothing|mail)",
        "do not contact": r"(?:^|[.,;!?\n-]\s*|\b(?:please|pls|plz|just|and|said|asked you to|told you|u"
        r"|y'?all)\W+)(?:do not|don'?t|don t|dnt|never)\W+(?:ever\W+)?"
        r"(?:te?xt|message|msg|contact|write|solicit|call|reply)\b|\bdo not (?:contact|solicit"
        r"|disturb)\b|\bdo\W?not\W?call (?:list|registry)\b|\bdnc\b"
        rf"|{_NOT} ask(?: me| us)? (?:again|any ?more)\b|{_NOT} (?:call|text|email|message),? (?:or|and"
        r"|nor) (?:call|text|message|email|write)",
        "does not want it": r"\b(?:do not|don'?t|don t|no longer|not|never|dnt)\W+(?:want\w*|wanna|wish\w*|care"
        r"|interested in|asked? for|agreed?|sign(?:ed)? up)\b(?:\W+(?:you|u|y'?all|any|any ?more|more|no"
        r"|these|this|those|your|ur"
        r"|to|be|being|get|getting|receiv\w+|reciev\w+|hear|a|further|people|anyone|unsolicited|for|kind"
        rf"|of|future|other|such|all|the|have|keep|me|company)){{0,6}}\W+(?:{_CONTACT}|hear(?:ing)? from"
        r"|contacted|texted|called|bothered|messaged|solicited)\b",
        "does not want to hear": r"\b(?:not|don'?t|never)\W+(?:want|wanna|wish|care)\W+(?:to\W+)?(?:hear|see|get"
        r"|receive)\W+(?:\w+\W+){0,3}?(?:from|text\w*|messag\w*)\b",
        "off the list": r"\b(?:remove|remov|rmove|take|delete|drop|get|scratch|strike|cross|erase|pull|leave|keep|clear"
        rf"|wipe|purge|tak)\W+{_MINE}(?:\W+\w+){{0,3}}?\W+(?:off|from|out|outta|of)\W+"
        rf"(?:of\W+)?(?:\w+\W+){{0,4}}?{_LIST}",
        "off your list": r"\b(?:off|from|out of)\W+(?:of\W+)?(?:your|ur|this|the|that|ya"
        r"|all)\W+(?:\w+\W+){0,2}?(?:lists?|database|system|contacts)\b(?! price)"
        r"|\bremove from (?:your |the |this |ur )?list|\b(?:my|this|our) (?:number|name"
        r"|info) (?:be )?(?:removed|deleted|taken off)\b|\b(?:be|get) (?:taken|removed) (?:off"
        r"|from)\b(?! the market)|\b(?:please|pls|plz|number|person|#) (?:delete|remove)\W*$",
        "forget the number": r"\b(?:remove|delete|erase|scrub|purge|trash|block|rmove|lose|loose|forget|throw away"
        r"|throw out"
        r"|get rid of|burn|toss|ditch|discard)\W+(?:all\W+)?(?:of\W+)?"
        r"(?:(?:my|our|this|the|that|his|her)\W+(?:\w+\W+){0,2}?(?:number|#|num|phone|cell|contact"
        r"|info\w*|details|digits)|number)",
        "remove me": r"\b(?:remove|delete|block|rmove|unenroll|exclude)\W+(?:me|us)\b|\btake\W+(?:me|us|my (?:name"
        r"|number|contact|info)|this number)\W+off\b",
        "unsubscribe": r"\bun\W?s[ub]{1,2}\w{0,3}s?c?r?i?b\w*|\bunsub\w*|\bunsu\w*rib\w*",
        "opt out": r"\bo(?:pt|tp)(?:ed|ing)?\W?(?:(?:me|us|my number)\W)?out\b|\boptuot\b|\bopt put\b",
        "leave me alone": r"\bleave\W+(?:me|us|him|her|my \w+|our \w+|this number)\W+(?:the (?:hell|fuck|heck) |tf "
        r"|alone)?(?:alone|be\b|in peace)|\blet me be\b|\bl?eave me alone\b|\blv me alone\b",
        "go away": r"\bgo away\b|\bget lost\b|\b(?:fuck|f|eff|f\*+k?|piss|bugger|buzz|back|bug|sod"
        r"|screw)\W+(?:the \w+ )?off\b|\b(?:knock|cut) it (?:off|out)\b|\benough already\b"
        r"|\bgive it a rest\b|\bcease (?:and|&) desist\b|\bcease all\b",
        "it must stop": r"\b(?:you|u|it|this|these|they|y'?all|texts|messages)\b(?:\W+(?:really|just|all|guys"
        r"|people))?\W+(?:need(?:s|ed)? to|ha(?:s|ve) to|gotta|got to|must|should|better|can|could|would"
        rf"|will|may)\W+(?:please\W+|just\W+|now\W+)?{_STOP}",
        "asked to stop": r"\b(?:can|could|would|will|want|need|wish|like|asked|told|asking|telling|begging|make|get"
        r"|have)\W+(?:you|u|y'?all|it|this|these|them|the texts|that)\b(?:\W+(?:please|just|all|kindly"
        rf"|to|would|texts|messages|guys|people|already|many times|repeatedly)){{0,3}}\W+{_STOP}",
        "will not stop": r"\b(?:you|u|y'?all|these|they)\W+(?:won'?t|do not|don'?t|never|still(?: have not"
        rf"| haven'?t)?)\W+{_STOP}",
        "stop first": r"(?:^|[.,;:!?\n-]\s*|\b(?:please|pls|plz|but|just|now|hey|no|yes|ok|thanks|thank you|interested"
        rf"|selling|sale|number|said)\W+){_STOP}",
        "stop last": rf"{_STOP}\W*$",
        "no more of it": r"\bno(?:\W+more)?\W+(?:te?xts|te?xting|messages|messaging|msgs|calls|contact|sms|spam"
        r"|solicit\w+|solicitation)\b|\bno te?xt (?:please|pls|plz)\b|^no te?xt\W*$"
        r"|\bno further (?:text\w*|messag\w*|contact|communication\w*)\b",
        "consent withdrawn": r"\b(?:revok\w*|withdraw\w*|rescind\w*|retract\w*)\W+(?:\w+\W+){0,4}?(?:consent|permission"
        r"|authoriz\w+)|\bi (?:hereby )?revoke\b"
        r"|\b(?:no|not|never|don'?t|didn'?t|without)\W+(?:\w+\W+){0,4}?(?:consent\w*|permission"
        r"|authori[sz]\w+)\b|\bnever (?:signed up|opted in|subscribed)\b",
        "sick of it": r"\b(?:sick|tired|fed up|done|enough)\W+(?:and tired\W+)?(?:of"
        r"|with)\W+(?:\w+\W+){0,3}?(?:te?xt\w*|messag\w*|calls?|msgs?|spam)\b",
        "will block": r"\b(?:i'?m|i am|i will|i'?ll|im|ill|will be|gonna|going to|be)\W+(?:\w+\W+)?(?:block\w*"
        r"|report\w*)\W+(?:you|u|this|ur|your|it)\b|^block(?:ing|ed)\W+(?:you|this|ur|your)\b"
        r"|\breported (?:as|for) (?:spam|junk)\b",
        "cancel the texts": r"\bcancel\w*\W+(?:\w+\W+){0,3}?(?:te?xts?|messag\w*|msgs?|sms|subscri\w*|notif\w*|alerts?"
        r"|service|me\b)",
        "end the conversation": r"\bend (?:this|these|the|all|our) (?:conversation|convo|communication|chat|thread"
        r"|contact)\w*"
        r"|\b(?:this|our) conversation is over\b|\bplease end\b",
        "no me escriba": r"\b(?:no|nunca|ya no) (?:me|nos|le) (?:vuelva[ns]? a |siga[ns]? |este[ns]? )?(?:mand|envi"
        r"|escrib|text|llam|molest|contact|hable|habl|busq|busc|inos|fastid|marqu)\w*",
        "deje de": r"\b(?:dej[ea](?:n|s|me)?|par[ea](?:n)?|pare) (?:ya )?de (?:me )?(?:mand|envi|escrib|text|llam"
        r"|molest|contact|fastid|habl|chingar|joder)\w*",
        "quiteme": r"\b(?:quit|saqu|sac|borr|elimin|remuev|remov|tach|retir)[ea](?:n)?(?:me|nos)\b|\b(?:quit|saqu"
        r"|sac|borr|elimin|remuev|retir)[ea]n? (?:mi|este|nuestro|el) (?:numero|telefono|nombre|contacto)"
        r"|\b(?:fuera|de) (?:su|tu|la|esta) lista\b|\b(?:olvid|pierd)\w*(?: de)? (?:mi|este) numero",
        "no mas": r"\bno mas (?:mensaj|text|llamad|correos|sms)\w*|\bno (?:quier[oe]|deseo|queremos"
        r"|deseamos)(?: \w+){0,4}? (?:mensaj|text|llamad|contact|molest|sms|notific|llam|escrib)\w*"
        r"|\bno (?:moleste|molesten|molestar|escriba|escriban|llamen)\b",
        "en paz": r"\bdej[ea](?:n)?(?:me|nos) (?:en paz|tranquil\w+|solo|sola)|\b(?:dar|dame|deme|denme|darse"
        r"|darme) (?:me )?de baja\b|\bcancel\w+ (?:la |mi )?suscripcion|\bya basta\b|\bpor favor (?:pare"
        r"|paren|alto|basta)\b",
    }
    | {"stop in two languages": r"\b(?:stop|alto|pare|paren|basta)\b,? (?:por favor|con (?:los|estos|sus))"}
)

UNCLEAR: Final = _named(_UNCLEAR)

DOUBTS: Final = UNCLEAR + _named(
    {
        "stop somewhere": _STOP,
        "cancel something": r"\bcancel\b",
        "quit something": r"\bquit\b",
        "remove something": r"\b(?:remove|delete|take off|unenroll)\b(?! (?:the|trees|all the))",
        "complaint": r"\bharass\w*|\bspam\w*|\bscam\w*|\breport(?:ing|ed)? (?:you|u|this)\b|\bblocked\b|\bunwanted\b"
        r"|\bunsolicited\b",
        "threat": r"\btcpa\b|\bfcc\b|\bftc\b|\battorney general\b|\blegal action\b|\bsue (?:you|u|your)\b"
        r"|\blawsuit\b|\bcall(?:ing)? the (?:police|cops|law)\b",
        "ends it": r"\bend of (?:conversation|discussion|story|convo)\b|\bwe'?re done\b|\bwe are done\b"
        r"|\bconversation over\b|\bthat'?s enough\b|\bdo not bother\b|\bdon'?t bother\b|\bannoying\b",
        "insult": r"\b(?:fuck|screw) (?:you|u|yourself)\b|\bgo to hell\b",
        "how did you get it": r"\bhow did you (?:get|find) (?:my|this) (?:number|info|phone)\b.{0,40}\b(?:illegal"
        r"|private"
        r"|unlisted)\b",
    }
)
