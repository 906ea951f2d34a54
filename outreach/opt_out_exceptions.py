"""Wordings that look like an opt-out and are none, or that only a person can tell."""

import re
from typing import Final

from outreach.opt_out_vocabulary import CONTACT, LATER, NOT, PROPERTY, STOP, SUBJECT, named

_SOMETHING_ELSE = (
    r"\b(?=[tmngrsb])(?:(?:the|that|my) (?:last|first|old|other|previous) (?:number|offer|price|figure)\b"
    r"|no (?:te?xts?|messages?|calls?) (?:came|come|arrived|went|got|yet|from)\b"
    r"|(?:got|received|saw|seen) no (?:te?xts?|messages?|calls?)\b"
    r"|bother(?:ed)? with (?:this|that|the|my|our) (?:land|lot|place|property|taxes)\b"
    r"|no me (?:mand|envi|llam)\w+\b[^.!?]{0,20}?(?:[.,;!?]+ ?|\bmejor |\bsolo |\bsino )(?:mejor |solo |por favor )*"
    r"(?:(?:mand|envi|llam|escrib)\w+me\b|(?:(?:mand|envi)\w+ )?(?:por |un )?(?:te?xto|mensaje)\b))"
)

# Wordings that contain a stop word and mean something else. What begins inside one of them is not an opt-out.
KEEPS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"\bstop(?:s|ped|ping)? (?:by|in(?! the name)|at(?! once)|over|on|off|through|past|near|to"
        r"|for(?! now| a while| a bit| a few| a couple| the time| good| ever)|me if|along|back|sign|light|around|up"
        r"|down|out)\b",
        r"(?<=[a-z] )stop(?:s|ped|ping)? the (?!te?xt|mess|msg|call|spam|harass|sms|bs\b|bull|madness|solicit|contact)",
        r"\bstop and (?!desist)",
        r"\bstop(?:s|ping)? (?:me|us|him|her|them|you) from\b",
        r"\bwould have to (?:cancel|stop|quit|end|remove)\b",
        r"\bstop(?:s|ped)? (?:paying|working|farming|mowing|trying to (?:sell|pay)|growing|raining"
        r"|cutting|dumping|watering|using|going|sinking|flooding|being able|smoking|drinking"
        r"|thinking about it|renting|leasing)\b",
        r"\b(?:bus|truck|pit|non|full|next|first|last|rest|gas|train|street ?car|whistle|one|a|quick"
        r"|short|every|each|door|back|way)[ -]?stops?\b",
        r"\b(?=[dncw])(?<!why )(?<!you )(?<!u )(?<!this )(?<!it )(?<!yall )(?<!they )\b(?:do not|don'?t|dont|never"
        r"|not|no need to|didn'?t|did not|can'?t|cannot|won'?t|couldn'?t)"
        r" (?:ever |even |want (?:you|u|this|it) to |want to |mean to |need to |say |ask to |trying to |try to )?"
        r"(?:stop|quit|remove|take|delete|opt(?! in\b)|unsub\w*|cancel|lose|forget|end|block|revoke)\b(?: (?:me"
        r"|us|my)\b[^.,;!?]{0,25})?",
        r"\b(?=[iwhst])(?<!do )(?<!can )(?<!did )(?!(?:i|we) (?:want|need) to (?:stop|quit|end|cancel)\W*$|(?:i|we)"
        r" quit with)"
        rf"{SUBJECT} (?:stop|quit|end|cancel|block|remove|lose)\b(?! you\b| this\b| u\b)",
        r"\b(?:keep|leave) (?:me|us|my number) (?:on|in)\b(?! peace)",
        r"\b(?:remove|take|delete|get) (?:me|us|my name|our name|his name"
        rf"|her name)\b(?: \w+){{0,2}}? (?:from|off|out)(?: of)?(?: \w+){{0,2}}? {PROPERTY}",
        r"\b(?:call|phone|ring|calls)\b(?!,? (?:or|and|nor)\b)(?![^.!?]{0,20} (?:no|not|don'?t|never)"
        r" )[^.!?]{0,20}[.,;!? ]+(?:but |just |please "
        r"|pls |only |you can |better |can you |so )*(?:text|txt|message|msg)(?: me| only| is| instead"
        r"| works|$)",
        rf"{NOT} (?:call|phone|ring)(?: me)?\b(?! (?:or|and|nor)\b).{{0,30}}?\b(?:text|txt|message|msg)",
        r"\bno (?:more )?(?:phone )?calls?\b(?!.{0,12}\b(?:no|or|and|nor)\b).{0,40}?\b(?:text|txt|message)",
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
        r"\b(?:a|the) cease (?:and|&) desist (?:order |letter |notice )?(?:on|from|for|against)\b",
        r"\bbe a bother\b",
        r"\bcan (?:i|we) (?:cancel|end|stop|quit) (?!this|these|it\b|that\b|all\b|the te?xt|the mess|my sub|your"
        r"|getting)",
        _SOMETHING_ELSE,
        r"\bno more than\b|\bno more (?:land|property|taxes|acres|money|room)\b",
    )
)

_ASKS_IN_TURN = (
    r"\b(?=[duyt])(?:did (?:you|u|y'?all|they) (?:\w+ )?(?:stop|quit|delete|lose)"
    r"|(?:you|u|y'?all|they) (?:just )?(?:stop|quit)(?:ped)? (?:answering|responding|replying))\b"
)

# Whoever says so wants to hear from us, or asks why not: whatever the words resemble, a person decides.
_WANTS_MORE: Final = re.compile(
    r"(?<!why )(?<!texts )(?<!messages )(?<!calls )\b(?:do not|don'?t|don t|dnt|never|no need to) "
    r"(?:ever |you |want to |mean to |have to |need to )*(?:stop|quit|remove|delete|take me off|unsub\w*"
    r"|opt (?:me )?out|cancel|lose|forget|block)\b"
    r"|\b(?:keep|save) (?:my|this|our) (?:number|contact|info)\b(?! (?:out|off|private|away))"
    r"|\bno use (?:to|for)\b|\bi (?:do not|don'?t) use it\b"
    r"|(?<!not )(?<!n't )(?<!never )(?<!no )\bopt(?:ed|ing)?[ -]?in\b"
    rf"|\bno (?:dej|par|borr|quit)[ae](?:s|n|is)?\b|{_SOMETHING_ELSE}|{_ASKS_IN_TURN}"
)
_OF_LAND: Final = re.compile(
    r"\b(?:land|property|lots?|acres?|acreage|parcels?|tax\w*|place|terrenos?|tierras?|impuestos|propiedad)\b"
)
_OF_TEXTS: Final = re.compile(
    rf"\b(?:{CONTACT}|numbers?|num|numero|lists?|line|inbox|system|ask\w*|offers?|again|further|hear\w*|alone|peace|you|u|y'?all|your"
    r"|trouble|mensaj\w*|escrib\w*|llam\w*|mand\w*|pregunt\w*|insist\w*|chinga\w*|jod\w*)\b"
)


def may_want_more(flat: str) -> bool:
    """Whoever is sick of the land and not of us is who we look for."""
    return bool(_WANTS_MORE.search(flat) or (_OF_LAND.search(flat) and not _OF_TEXTS.search(flat)))


# An opt-out may be meant, but the words carry a condition, a quotation or another thing to end: a person decides.
UNCLEAR: Final = named(
    {
        "asks in turn": rf"(?:{_ASKS_IN_TURN})[^.!?]{{0,25}}",
        "quoted instruction": r"\b(?:you|it|u|that|text|message)\W+(?:said|says|say|told me)\W+(?:to\W+|i (?:can|could"
        r"|should)\W+)?(?:(?:reply|text|type|send|say)\W+)"
        r"[\"']?(?:stop|opt ?out)\b[^.!?]{0,40}"
        r"|\b(?:do i|should i|have to|if i|when i)\W+(?:have to\W+|need to\W+)?(?:reply|text|type|send"
        r"|say|press)\w*\W+(?:with\W+)?[\"']?stop\b[^.!?]{0,40}"
        r"|\bwhat (?:is|does|do you mean by|happens if)\b[^.!?]{0,20}\b(?:stop|opt ?out)\b",
        "repeated instruction": r"\b(?:reply|text|txt|type|send|respond)(?: with)? [\"']?stop[\"']? (?:to|2"
        r"|for) [^.!?]{0,30}",
        "with a condition": rf"\bno (?:more )?(?:calls|texts|messages|texting|calling),? {LATER}"
        rf"|{NOT} (?:ever )?(?:text"
        r"|txt|message|msg|contact|call|bother|write|send|email)(?: me| us| here| this number| back"
        rf"| again)*,? {LATER}",
        "for a time": STOP + r" (?:for (?:now|a while|a bit|a few|a couple|the time being)|until|till?)\b",
        "rather calls": rf"\bcall(?: me| us| him| her| my \w+)?\b(?! (?:or|and|nor) )(?: \w+){{0,2}}?[.,;!? ]+(?:just "
        rf"|please |but )?"
        rf"{NOT} (?:te?xt|txt|message|msg)(?:ing)?\b",
        "call rather than text": rf"{NOT} (?:te?xt|txt|message|msg)(?: me)?[.,;!? ]+(?:please |just |only |but"
        rf" )*(?:you can )?call\b"
        r"(?! (?:or|and|nor) )(?![^.!?]{0,20} instead)[^.!?]{0,20}",
        "somebody else instead": rf"(?:{STOP}|{NOT} (?:te?xt|message|call|contact))[^.!?]{{0,40}}?(?:\b(?:use|te?xt"
        rf"|call|contact|try|at|to|is)"
        r" \(?\d{3}\W{0,2}\d{3}.{0,6}|[.,;!? ](?:te?xt|call|contact|use) (?:him|her|my \w+)[^.!?]{0,20} instead)"
        r"|\b(?:te?xt|call|contact|use) (?:him|her|my|the)\b[^.!?]{0,25} instead\b[^!?]{0,40}",
        "leave somebody else": rf"{NOT} (?:contact|call|te?xt|message|write|bother) (?:my|the|his|her|our) (?!number"
        rf"|phone|cell|line"
        r"|house|home|work|job|name|contact|info|mother|mom|mama|dad|father|family|parents|wife|husband|grand)\w+",
        "does it stop": rf"\b(?:does|did|do|where) (?:it|the \w+) {STOP}",
        "let us stop": r"\blet(?:'?s| us) (?:stop|end|quit|cancel)\b[^.!?]{0,20}",
        "from somebody else": r"\b(?:do not|don'?t|dont) want to be (?:contacted|called|bothered|texted) by (?!you|u\b"
        r"|y'?all"
        r"|any|your)",
        "something else to end": r"\b(?:cancel|opt out of|revoke|withdraw|end|stop|terminate)(?: \w+){0,3}? (?:offers?"
        r"|contract"
        r"|deal|agreement|appointment|meeting|closing|power of attorney|poa|listing|lease|sale|auction|hoa"
        r"|mineral\w*)\b",
        "bargaining": STOP
        + r" (?:low ?ball\w*|insult\w*|kidd\w*|giv\w*|joking|playing|kidding|beating|being (?:so )?cheap|insulting"
        r"|messing|worrying"
        r"|talking|guessing)",
        "bargaining for more": STOP
        + r"[^.!?]{0,30} and (?:make|give|send|tell|show) (?:me|us) (?:an?|the|your) (?:\w+ ){0,2}?"
        r"(?:number|offer|price)\b",
    }
)
