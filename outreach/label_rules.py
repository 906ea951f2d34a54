"""The first tier of labels: only what is obvious from the words. Whether the person opted out is decided elsewhere."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from outreach.plain_words import flatten

Label = Literal["interested", "send_offer", "not_interested", "confused", "wrong_number", "deceased", "hostile"]


@dataclass(frozen=True)
class RuleLabel:
    """`label` None means undecided. `evidence` stands literally in the text."""

    label: Label | None = None
    confidence: float = 0.0
    evidence: str = ""
    rule: str = ""


UNDECIDED = RuleLabel()

_KIN = (
    r"(?:he|she|husband|wife|spouse|mom|mother|mama|dad|daddy|father|brother|sister|son|daughter"
    r"|uncle|aunt|grand\w+|parents?|owner"
    r"|[mf]other in law|cousin|friend|ms\.? \w+|mrs\.? \w+|mr\.? \w+)"
)
_SELL = r"(?:sell|selling|sale|for sale)"

# Order matters: the graver reading first, and a refusal before the interest it may contain.
_TABLE: Final[tuple[tuple[Label, str, float, str], ...]] = (
    (
        "hostile",
        "abuse",
        0.95,
        r"\bf+u+c+k+ (?:you|u|off|yourself|ya)\b|\bgo to hell\b|\bpiss off\b|\bkiss my a\w+\b|\bscrew you\b"
        r"|\b(?:piece of shit|son of a bitch|asshole|scumbag|dirtbag|vultures?)\b",
    ),
    (
        "hostile",
        "threat",
        0.9,
        r"\b(?:i'?ll|i will|i'?m going to|gonna|i am going to) (?:sue|report) (?:you|u|your)\b|\b(?:tcpa"
        r"|attorney general|the fcc)\b"
        r"|\bthis is harassment\b|\b(?:stop|quit) harr?ass?ing\b|\bcall(?:ing)? the (?:police|cops"
        r"|law)\b|\bshoot\b.{0,20}\b(?:you|trespass\w*)\b",
    ),
    (
        "deceased",
        "owner has died",
        0.95,
        rf"\b{_KIN}\b(?: \w+){{0,2}}? (?:has |have |had |is |was |just |recently )*(?:passed away"
        r"|passed on|deceased|died|dead|has passed|passed last|passed in|passed \d)"
        r"|\b(?:he|she)'?s (?:dead|deceased|passed|passed away|been dead)\b|^\W*(?:deceased|passed away"
        r"|owner (?:is )?deceased)\W*$"
        r"|\b(?:is|was) (?:now )?deceased\b|\bfallecio\b|\b(?:ya )?murio\b|\besta muert[oa]\b",
    ),
    (
        "wrong_number",
        "wrong number",
        0.95,
        r"\bwrong #|\bwrong (?:number|num|person|phone|guy|lady|woman|man)\b|\bnumero equivocado\b"
        r"|\bse equivoco de numero\b|\bequivocad[oa]\b"
        r"|\b(?:no one|nobody) (?:here )?(?:by|with) that name\b|\bnot the (?:right )?(?:person|number) you\b"
        r"|\b(?:you have|you've got|got) the wrong\b|\bthis (?:is not|isn'?t) (?:his|her|their"
        r"|my \w+'s) (?:number|phone)\b"
        r"|\bthis (?:is not|isn'?t) (?!(?:for|a|the|my|in|on|about|what|true|right"
        r"|right now)\b)[a-z]+(?: [a-z]+)?(?:'s (?:number|phone))\b"
        r"|\b(?:do not|don'?t|never) (?:own|have) (?:any|that|this|a) (?:land|property|lot|parcel"
        r"|properties)(?: \w+){0,3}\W*$",
    ),
    (
        "not_interested",
        "refusal",
        0.95,
        r"\b(?:not|no longer|never|ain'?t|aint) (?:\w+ )?interested(?! in (?:less|anything (?:under"
        r"|below)|that price))\b|\bno interest\b"
        rf"|\b(?:not|never|ain'?t|isn'?t|is not) (?:\w+ )?(?:{_SELL})\b(?! (?:it )?(?:for|under|below|at"
        r"|less|until|unless|right))"
        r"|\b(?:do not|don'?t|dont|won'?t|will not|will never|never|would never) (?:want to |wanna "
        r"|plan to |intend to |wish to |care to )?sell(?:ing)?\b(?! (?:it )?(?:for|under|below|at|less"
        r"|until|unless|that))"
        r"|\balready (?:sold|been sold)\b|\b(?:i|we) sold (?:it|that|the (?:land|lot|property))\b"
        r"|^\W*(?:no|nope|nah|pass|no thanks?|no thank you|no ty|no gracias|hard pass)\W*$"
        r"|\bno(?:,)? (?:thanks|thank you)\b|\bno me interesa\b|\bno (?:quiero|queremos|deseo) vender\b"
        r"|\bno (?:esta|se) (?:a la venta|vende)\b|\bkeeping (?:it|the land|the property|my land)\b",
    ),
    (
        "send_offer",
        "asks for a figure",
        0.95,
        r"\b(?:send|text|email|mail|shoot|give|make|get|show)(?: it)?(?: over)?(?: to)?(?: me"
        r"| us)?(?: over)? (?:an?|the|your|ur|a written|some|another)(?: \w+)? (?:offer|number|price"
        r"|quote|figure|proposal)\b(?! (?:to|for) call)"
        r"|\bhow much\b(?! (?:land|do i owe|tax\w*))|\bwhat(?:'?s| is| would be| are)? (?:your|ur|the"
        r"|you) (?:\w+ )?(?:offer\w*|price|bid)\b|\bwhat (?:would|will|can|could|are|r) (?:you|u"
        r"|y'?all) (?:\w+ )?(?:pay|paying|give|giving|offer|offering)\b"
        r"|\bmake (?:me )?an? offer\b|\bbest offer\b|\bcuanto (?:ofrece|paga|da|me da|pagaria|seria"
        r"|dinero)\w*|\bmand\w+ (?:la|una|su) oferta\b|\bwhat(?:'?s| is) it worth to you\b|^\W*(?:offer"
        r"|price|cuanto)\W*\?*$",
    ),
    (
        "interested",
        "names a price",
        0.85,
        r"\b(?:i(?:'d| would| will|'ll| can|'m)?|we(?:'d| would| will|'ll)?) (?:\w+ )?(?:take|want|need"
        r"|sell(?: it)?(?: for)?|asking|accept) (?:about |around |at least |for )?\$? ?\d[\d,.]*+ ?(?:k"
        r"|thousand|grand|dollars)?\b(?! ?(?:minutes|days|weeks|acres|hours))",
    ),
    (
        "interested",
        "would sell",
        0.9,
        r"\b(?:i'?m|i am|we are|we're|yes|very|definitely|might be|may be|could be"
        r"|possibly) (?:\w+ )?interested\b(?! in (?:buying|knowing who|why))|^\W*(?:yes|yeah|yep"
        r"|si)?\W*interested\W*$"
        r"|\b(?:i|we)(?:'d| would| will| might| may| could|'ll)? (?:be )?(?:like to|love to|want to"
        r"|willing to|ready to|open to|consider|considering|be willing to|sell it|wanna) ?sell(?:ing)?\b"
        r"|\bwilling to sell\b|\bready to sell\b|\b(?:yes|yeah|yep),? (?:it'?s|it is|its|we are|i am"
        r"|i'?m|i would|i'd|we would) (?:\w+ )?(?:for sale|sell\w*|interested|available)\b"
        r"|\b(?:it'?s|it is) (?:still )?(?:for sale|available)\b|\bopen to (?:an )?offers?\b"
        r"|\btell me more\b|\b(?:si,? )?me interesa\b|\bquiero vender\b|\btake it off my hands\b",
    ),
    (
        "confused",
        "asks who or what",
        0.9,
        r"^\W*(?:who(?:'?s| is| are)? (?:this|dis|you|u|that|it)|who dis|who\??|what\??|huh|que"
        r"|quien (?:es|eres|habla))\W*$|\bwho (?:is|are|r) (?:this|you|u|it)\b|\bwho(?:'?s|s) this\b"
        r"|\bwhat (?:property|land|lot|parcel|is this(?: about| regarding)?|are you talking about"
        r"|company)\b|\bwhich (?:property|land|lot|parcel|one)\b|\bdo i know you\b|\bnew phone\b"
        r"|\b(?:how|where) did you (?:get|find) (?:my|this)\b|\bquien es\b|\bde que (?:terreno|propiedad"
        r"|habla)\b|\b(?:i'?m|i am) confused\b|\b(?:do not|don'?t) understand\b",
    ),
)
_RULES: Final = tuple((label, rule, confidence, re.compile(pattern)) for label, rule, confidence, pattern in _TABLE)
_HEDGES = re.compile(r"\b(?:if|unless|maybe|but|however|until|except|pero|depends)\b")


def label_by_rules(text: str) -> RuleLabel:
    """The first rule that matches; a refusal with a condition ("not selling unless...") is left to a person."""
    flat = flatten(text)
    for label, rule, confidence, pattern in _RULES:
        if match := pattern.search(flat):
            if label == "not_interested" and _HEDGES.search(flat):
                return UNDECIDED
            return RuleLabel(label, confidence, text[match.start() : match.end()].strip(), rule)
    return UNDECIDED
