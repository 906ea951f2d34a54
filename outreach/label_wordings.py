"""The wordings behind the labels, written against plain words (`outreach.reply_words`)."""

import re
from typing import Final, Literal

Label = Literal["interested", "send_offer", "not_interested", "confused", "wrong_number", "deceased", "hostile"]
Row = tuple[Label, str, float, str]

_KIN = (
    r"(?:he|she|they|husband|wife|spouse|mother|father|brother|sister|son|daughter|uncle|aunt|aunty|aunti?e|cousin"
    r"|owner"
    r"|grand\w+|parents?|mawmaw|pawpaw|friend|(?:mr|mrs|ms|miss) (?:\. )?\w+|xname|mister \w+|papa|esposo|esposa)"
)
_GONE = (
    r"(?:(?:have |has |had |is |was |are |been |just |recently |now |already |both )*"
    r"(?:passed (?:away|on)|deceased|died|dead|passed(?= \.|  *$| last| in | on | this| a | \d| two| three| many| years"
    r"| years| ,| back| and| before| from| during| but| so| i )|gone to be with|no longer (?:with us|living|alive"
    r"|here with us)"
    r"|not (?:with us|living|alive) any ?more))"
)
_LAND = r"(?:land|property|properties|lot|lots|parcel|parcels|place|acreage|acres|real estate|dirt)"
_SELLING = r"(?:sell|sells|selling|sale|letting (?:it|that) go|parting with)"
_FIGURE = r"(?:offers?|price|quote|figure|proposal|bid|ballpark|estimate)"
_PAY = r"(?:offer|offers|offering|pay|paying|give|giving|pays|spend|spending)"

_HOSTILE: tuple[Row, ...] = (
    (
        "hostile",
        "abuse",
        0.95,
        r"\bf+u+c+k+(?:ing)? (?:you|off|yourself|your|this|y)|\b(?:eff|f) (?:you|off)\b|\bgo to hell\b|\brot in"
        r" hell\b|\bpiss off\b"
        r"|\b(?:kiss|bite|suck) my\b|\bscrew (?:you|off)\b|\beat (?:shit|a dick)\b|\bpiece of (?:shit|crap)\b|\bson"
        r" of a bitch\b"
        r"|\b(?:ass ?holes?|scumbags?|dirt ?bags?|vultures?|bitch(?:es)?|mother ?fuck\w*|bastards?|dick ?heads?"
        r"|dumb ?ass|jack ?ass"
        r"|bloodsuckers?|low ?li(?:fe|fes|ves)|grifters?|swindlers?|predators?|crooks?|thie(?:f|ves)|con"
        r" (?:artists?|man|men))\b(?! (?:stole|on|took|keep))"
        r"|\b(?:stupid|dumb) (?:ass|fuck\w*|idiots?|people|son)\b|\bshove (?:it|your|that)\b|\b(?:should be"
        r" )?ashamed\b|\btrying to (?:steal|rob|rip|scam|swindle|cheat|take advantage)\b|\byou (?:(?:people|guys"
        r"|all) )?are (?:the worst|disgusting|pathetic|trash|garbage|evil|parasites)\b"
        r"|\bget a (?:real )?(?:job|life)\b|\bdrop dead\b|\bburn in hell\b|\byou(?: \w+)? (?:disgust|make) me"
        r" sick\b|\byou disgust\b"
        r"|\b(?:ladron(?:es)?|estafador(?:es)?|rateros?|pendejos?|cabron(?:es)?|put[oa]s?|mierda|chinga\w*"
        r"|maldit[oa]s?|sinverguenzas?)\b",
    ),
    (
        "hostile",
        "scam",
        0.85,
        r"(?<!\ba )\bscammers?\b|(?<!\bare )\byou(?: are| people| all)*(?: all)? (?:a )?scam\w*|^ (?:this is )?(?:a"
        r" )?scam(?:mers?)?(?: \.)? *$",
    ),
    (
        "hostile",
        "threat",
        0.9,
        r"\b(?:i (?:will|am going to)|going to) (?:sue|report) (?:you|your)\b|\b(?:tcpa|attorney general|the fcc)\b"
        r"|\bthis is harassment\b|\b(?:stop|quit) harr?ass?ing\b|\bcall(?:ing)? the (?:police|cops|law|sheriff)\b"
        r"|\bshoot\b.{0,20}\b(?:you|trespass\w*)\b|\b(?:lawyer|attorney) will (?:be )?(?:contact\w*|call\w*|in"
        r" touch|see you|sue)\b"
        r"|\b(?:hear|hearing) from my (?:lawyer|attorney)\b|\bknow where you (?:live|are)\b|\b(?:kick|beat|whip)"
        r" your\b",
    ),
)

_DECEASED: tuple[Row, ...] = (
    (
        "deceased",
        "owner has died",
        0.95,
        rf"\b{_KIN}(?: \w+){{0,2}}? {_GONE}\b|^ (?:(?!we |i |it |that |the |this |grass|phone|my |battery|deal"
        rf"|offer|road|our|your|trees|everything|all|dog|cat)\w+ ){{1,2}}"
        r"(?:has |is |was )?(?:died|deceased|passed away|dead)\b|\bis (?:now )?deceased\b|\b(?:he|she) is (?:gone"
        r"|dead|passed|deceased|buried)\b"
        r"|^ (?:(?:sorry|he|she|owner|is|now|but) )*(?:deceased|dead|passed away|died)(?: \.)* *$|\b(?:owner|both"
        r"|both of (?:them|us|my parents)|all of them) (?:is |are |have )?(?:now )?(?:deceased|dead|passed)\b"
        r"|\b(?:my|her|his|our|the) late (?:husband|wife|mother|father|brother|sister|uncle|aunt|grand\w+|parents"
        r"|son|mr|mrs)\b"
        r"|\bfallecio\b|\bfallecid[oa]\b|\bmurio\b|\b(?:esta|ya esta) muert[oa]\b|\bdifunt[oa]\b|\bin (?:heaven|the"
        r" cemetery)\b",
    ),
)

_WRONG: tuple[Row, ...] = (
    (
        "wrong_number",
        "wrong number",
        0.95,
        r"\bwrong (?:number|person|phone|guy|lady|woman|man|one|dude|house|family|party|cell|fella|girl|individual"
        r"|owner|people)\b"
        r"|^ wrong(?: \.)* *$|\b(?:no one|nobody|no person) (?:here |lives here )?(?:by|with|named|of|called)\b"
        r"|\bnot the (?:right )?"
        r"(?:person|number|guy|man|lady|one you|owner)\b|\bnumero equivocado\b|\bequivoc(?:ado|ada|o|aron)\b|\bno"
        r" soy (?:yo|el|ella|xname)\b"
        r"|\bno conozco a\b|\bno (?:es|son) (?:mi|mis|mio) (?:terreno|tierra|propiedad|numero)\b",
    ),
    (
        "wrong_number",
        "not that person",
        0.9,
        r"\b(?:this|that|it) is not (?:me|him|her|(?:mr|mrs|ms|miss)(?: \.)? \w+|xname(?: s)?|his|her|their|my \w+"
        r" s)(?= (?:number|phone|cell|\.|,|and|any ?more"
        r"|here|xname|you)| *$)|^ not (?:me|mine|ours|him|her|xname)(?: (?:sorry|\.|xname))* *$|\bi am not (?:xname"
        r"|mr|mrs|ms|miss|him|her|that person"
        r"|the owner|this person|who you)\b(?! (?:only|sole))|\bmy name is not\b|\bthere is no (?:xname|one|such"
        r" person)\b|\bxname (?:does not|no longer|do not) (?:live|work|stay|have)\b|\bno xname (?:here|at|works"
        r"|lives)\b"
        r"|\b(?:do|does) not know (?:any ?(?:one|body) (?:by that|named|with|called)|(?:no|any|an?|of an?|of any)"
        r" xname|him|her|xname|who that is|that person|this person)\b"
        r"|\b(?:someone|somebody) else(?: s)? (?:number|phone|now|has)\b|\b(?:belongs to|is) (?:someone|somebody)"
        r" else\b"
        r"|\b(?:do|does) not have (?:this|that) (?:number|phone)\b|\bno longer (?:his|her|their|has|have|at|xname)"
        r" (?:this )?(?:number|phone)\b"
        r"|\bno longer (?:his|her|their) \w+\b|\bjust got this (?:number|phone)\b|\b(?:have )?had this (?:number"
        r"|phone) (?:for|since|about|over|\d|a|two|three|many|like|ten|five)\b"
        r"|\b(?:his|her|their|xname s) old (?:number|phone)\b|\b(?:this is )?a? ?(?:business|company|office|work)"
        r" (?:line|phone|number)\b.{0,25}\bno (?:xname|one)\b",
    ),
    (
        "wrong_number",
        "owns no such land",
        0.9,
        rf"\b(?:do|does|did|have|has)? ?(?:not|never) (?:own|owned|have) (?:any |no |that |this |a |the |any such"
        rf" )?(?:other )?{_LAND}\b"
        r"(?= (?:there|here|in|at|on|anywhere|any ?more|by|near|around|like|and|to sell|for sale|\.|,|sorry)| *$)"
        rf"|\b(?:own|have|got) no (?:such )?{_LAND}\b|\bown nothing\b|\bnever heard of (?:him|her|them|that|xname"
        rf"|this)\b|\bnot my name\b|\b(?:number|phone) (?:do|does|did) not belong\b|\b(?:no longer|not) own (?:it"
        rf"|that|this|the {_LAND}|anything|nothing|none)\b"
        rf"|\bnot (?:our|my) (?:number|phone|{_LAND})\b(?! (?:to sell|alone|only))|\bnever owned\b|\bno tengo"
        rf" (?:ningun |ninguna )?(?:terrenos?|tierras?|propiedad\w*|lotes?)\b"
        r"|\bis not (?:mine|ours)\b|\bnot owned (?:it|that|this|the|any|land|property)\b|\bno (?:es|soy) (?:su|esa"
        r"|ese|la|el) (?:numero|persona|dueno|duena)\b|\b(?:i|we) do not own (?:it|that|this)\b",
    ),
)

_REFUSALS: tuple[Row, ...] = (
    (
        "not_interested",
        "refusal",
        0.95,
        r"\b(?:not|no longer|never|neither)(?: \w+){0,2}? interested\b(?! in (?:a |an |your )?(?:less|anything"
        r" (?:under|below)|that price|realtor|low|leas|rent|list|trad|swap"
        r"|pay|cheap))|\b(?:no|zero|not any|not have (?:any|an|much)|not have) interest\b(?! rate)|\b(?:not|off"
        r"|never)(?: on)? the market\b|\bnothing (?:is )?for sale\b|^ no sale(?: \.)* *$"
        r"|\b(?:not|never|no)(?: \w+){0,3} (?:part(?:ing)? with|let(?:ting)? (?:it|that|this) go|get(?:ting)? rid"
        r" of) (?:it|that|this|the|my|our)?\b"
        rf"|\b(?:not|never|will not)(?: (?:really|for|currently|looking|look|wanting|ready|trying|planning|plan"
        rf"|going|willing|thinking|about|up|be|to|of|even|ever"
        rf"|considering|interested|in|at all|gone|right now|here|now|on|want|wish|intend|care|would|do|a|the|my|our"
        rf"|it|my land)){{0,4}} {_SELLING}\b"
        r"(?! (?:it )?(?:for|under|below|at(?! any| this| all| the m| present)|less|until|unless|right(?! now)"
        r"|cheap|that(?= price|  *$)|half|all|without|my half|yet|by|through|to (?:a|some|any)))"
        r"|\bno(?: \w+)? (?:plans?|intentions?|desire|intent|wish|need|want)(?: \w+)? (?:to|of|on|in) (?:sell\w*"
        r"|part\w*|let\w*)\b"
        rf"|\b(?:would|will|can|could) (?:not|never)(?: \w+)? sell\b(?! (?:it )?(?:for|under|below|at|less|until"
        rf"|unless|right|cheap|that|half|all|without|my half|yet|by))",
    ),
    (
        "not_interested",
        "plain no",
        0.95,
        r"^ (?:(?:no|oh|well|bro|brother|buddy|dude|thanks|thank|you|sir|maam|sorry|but|i|we|are|am|it|is|all|very"
        r"|much|for|asking|now|hard|just|will|not|at|this|the|time"
        r"|right|now|today|moment|present|currently|ok|okay|please|a|fine|good|set|pass|deal|gracias|muchas|way"
        r"|never|ma am|\.|,|on|that|one|appreciate|gracias|pero|no"
        r"|anyway|though|really) )*(?:no|pass|no thanks|no thank you|not now|not (?:right now|at (?:this|the)"
        r" (?:time|moment|present)|today)|no gracias"
        r"|(?:i am|we are|am|are|all) (?:all )?(?:good|set|fine)|no deal|no way|never|(?:absolutely|definitely"
        r"|certainly|of course|hell|heck) (?:not|no)) (?:(?:sir|maam|ma am|sorry|thanks|thank you|for asking|bro"
        r"|brother|buddy|dude|babe|baby|honey|hon|please|\.|,|though"
        r"|anyway|gracias|xname|at this time|right now|currently|man|dear|friend|bro|but thanks|but thank you"
        r"|appreciate it) )*$",
    ),
    (
        "not_interested",
        "sold or kept",
        0.9,
        rf"\b(?:already|been|was|is|got|were) sold\b|^ (?:it is |we |i |they |have |already |yes |no )*sold (?:it"
        rf"|that|this|last|already|in|to|years|\d|out|that (?:one|{_LAND})|the {_LAND})"
        rf"|\b(?:i|we|he|she|they)(?: \w+)? sold (?:it|that|this|the|our|my|those)(?: {_LAND})?(?= (?:in|last"
        rf"|already|to|back|a|years|long|\d|\.|,|and|this|couple|off|when|before)| *$)"
        r"|\b(?:it|land|property|that|lot|one) sold(?= (?:last|in|already|years|\d|a|this|to)| *$)|\balready have"
        r" (?:an?|the) (?:\w+ )?(?:agreement|contract|deal|buyer)\b|\b(?:is|already|got it|have it) under"
        r" contract\b|\bunder contract(?= (?:already|with)| *$)|\b(?:have|has|got|found) (?:a|another) buyer\b"
        rf"|\b(?:keep|keeping|hold|holding|saving)(?: on to| onto)? (?:it|that|this|the {_LAND}|my {_LAND}|our"
        rf" {_LAND}|mine|ours|what)\b(?! (?:until|till|for now|til))"
        r"|\b(?:stay|stays|staying|keep|kept|keeping) (?:it )?in (?:the|our|my) family\b|\bpass(?:ing)? it (?:on"
        r"|down) to\b|\bleav(?:e|ing) it to my\b"
        rf"|\b(?:build|building)(?: (?:a|my|our|his|her))?(?: \w+)? (?:on (?:it|that|the|my|our)|(?:house|home|camp"
        rf"|barn|shop) (?:there|on)|there)\b"
        r"|^ (?:(?:no|i|we|will|have|to|\.|,|am|going|going to) )*pass(?: (?:on (?:it|this|that)|thanks|thank you"
        r"|for now|\.|,))* *$"
        r"|\bchanged my mind (?:about selling|not selling|\. not selling|, not selling)\b",
    ),
    (
        "not_interested",
        "refusal in Spanish",
        0.9,
        r"\bno (?:me |nos |le )?interesa\w*|\bno (?:estoy|estamos|esta) (?:interesad|a la venta|en venta"
        r"|vendiendo)\w*|\bno (?:lo |la |los |las |se )?(?:vendo|vendemos"
        r"|vendere|vende|venderia|venderemos)\b(?! (?:por|en|menos|barato|a ))|\bno (?:lo |la )?(?:quiero|queremos"
        r"|deseo|pienso|pensamos|planeo|quiere) vender\b(?! (?:por|en|barato|menos|todo))"
        r"|\bya (?:(?:lo|la|los|se|esta|le) )*vend\w+\b|^ no(?: \w+)? gracias(?: \.)* *$",
    ),
)

_OFFERS: tuple[Row, ...] = (
    (
        "send_offer",
        "how much",
        0.95,
        rf"\bhow much\b(?! (?:{_LAND}|do i|do we|i owe|tax\w*|are the tax|is owed|of|time|longer|do you own|you own"
        rf"|is due|did you sell|land))|\bhow many (?:dollars|thousand)\b",
    ),
    (
        "send_offer",
        "asks for an offer",
        0.95,
        rf"\b(?:send|text|email|mail|put|shoot|give|make|get|show|bring|present|hit|submit|drop|tell|write|want"
        rf"|like|know|see|hear|listen to|entertain|consider|look at|take"
        rf"|need|can i have|throw|name|interested in|quote)(?: (?!not\b)\w+){{0,4}}? {_FIGURE}\b(?! (?:to|for) call"
        rf"| of (?:land|lumber|corn))|\b(?:send|shoot|give|make|throw|get|hit)(?: it| over| to| out)*(?: me|"
        rf" us)?(?: with| over| out)*"
        r" (?:a|your best|the|your|some|another|real|good) (?:\w+ )?number\b(?! (?:to|for|where|i can|so|and i))|^"
        r" (?:what|and|the|your|best|any|cash|top|highest|final|is|so|ok|yes|sure|well|,|\.) ?(?:(?:is|your|best"
        r"|cash|the|top|highest|final"
        rf"|asking|,|\.) )*{_FIGURE} (?:[?.] )*$|^ {_FIGURE} (?:[?.] )*$|\bballpark\b|\b(?:put|send) (?:it"
        rf"|something|your offer)? ?in writing\b.{{0,12}}\b(?:offer|price)\b",
    ),
    (
        "send_offer",
        "asks for a figure",
        0.95,
        rf"\bwhat(?: \w+){{0,5}}? (?:{_PAY}|{_FIGURE})\b(?! attention| taxes| the tax)|\bwhat (?:price|figure"
        rf"|amount)\b|\bwhat is the number (?:\? |\. )*$|\bwhat number (?:did|do|are|were|have|would) you\b"
        r"|\bwhat (?:is it|is that|is this|is the \w+|do you think it is|it is) worth\b(?! to (?:build|clear"
        r"|survey))|\bwhat(?: \w+){0,4}? (?:worth to you|you have in mind)\b|\bnumber in mind\b"
        r"|\bfigure in mind\b|\bprice in mind\b|\bwhat kind of (?:money|price|number|cash|dollars|offer)\b"
        r"|\bdepends(?: \w+){0,2}? (?:price|offer|money|what you|how much|you offer|the number)\b"
        r"|\b(?:let me|let us) know (?:what|how much|your)(?: \w+){0,3}? (?:offer\w*|pay\w*|price|giv\w*|number)\b"
        r"|\btell me (?:what|how much|your)(?: \w+){0,3}? (?:offer\w*|pay\w*|price|giv\w*)\b"
        rf"|\byou (?:\w+ )?(?:willing|able|looking|wanting|prepared) to (?:pay|offer|give|spend)\b(?! by)|\bprice"
        rf" range\b|\b(?:best|highest|top) (?:price|offer|number)\b(?! (?:i|in))|\blet (?:me|us) hear (?:it|you out"
        rf"|your|the|an)\b|\b(?:what|whatever) you (?:have|got|had|have got) in mind\b|\bper acre \?|\byour (?:best"
        rf"|highest|cash|top|final)(?: \w+)? (?:{_FIGURE}|number)\b",
    ),
    (
        "send_offer",
        "asks for an offer in Spanish",
        0.95,
        r"\bcuanto (?:me |nos )?(?:ofrece|paga|da|das|dan|daria|dais|seria|dinero|por|quiere|pagan|pagaria|vale"
        r"|puede)\w*|^ (?:y )?cuanto(?: (?:seria|es|\?|\.))* *$|\b(?:mand|envi)\w+ (?:la|una|su|tu) oferta\b"
        r"|\b(?:cual es|digame|deme|dame|diga) (?:su|tu|la|una|el|un) (?:\w+ )?(?:oferta|precio)\b|\bque (?:precio"
        r"|oferta)\b|\bhag\w* (?:una|su) oferta\b|\bsu oferta\b|\bque (?:me |nos )?(?:ofrece|da|dan)n?\b",
    ),
)

_INTEREST: tuple[Row, ...] = (
    (
        "interested",
        "names a price",
        0.85,
        r"\b(?:i|we)(?: would| will| can| am| are)? (?:\w+ )?(?:take|want|need|sell(?: it)?(?: for)?|asking|accept)"
        r" (?:about |around |at least |for )?\$?\d[\d,.]*+(?:k\b| k\b| thousand| grand| dollars| an acre)?"
        r"(?! ?(?:minutes?|days?|weeks?|acres?|hours?|of|months?|years?|lots?|more days)\b)",
    ),
    (
        "interested",
        "would sell",
        0.9,
        r"(?:^ |[.,] |\b(?:am|are|be|is|very|yes|definitely|possibly|maybe|still|quite|somewhat|really|also|we|i"
        r"|sir|maam|if you"
        r"|in) )interested\b(?! in (?:buying|knowing|who|why|how you|leas|rent|what this))|\b(?:want|wants|like|love"
        r"|ready|willing|looking|trying|need|wanting|open|hoping|meaning|happy|planning|going|decided|prepared|able"
        r"|glad)"
        rf" to (?:(?!not\b|never\b|no\b)\w+ )?(?:sell|get rid of|unload|let (?:it|that) go|part with)\b|\b(?:would"
        rf"|could|might|may|will|can) (?:(?!not\b|never\b|no\b)\w+ )?(?:sell|let (?:it|that) go|part with|entertain"
        rf" selling|consider (?:it|selling|an? offer|offers|that))\b|\b(?:considering|thinking (?:about|of)|talking"
        rf" about"
        rf"|open to|interested in|consider|entertain) (?:\w+ )?(?:selling|discussing|talking|letting)\b|\bopen to"
        rf" (?:it|that|an offer|offers|discuss\w*|the idea|any offers?)\b|\b(?:it|they|{_LAND}|that|one|yes|we"
        rf"|still) (?:is |are |have been |been |has been )?(?:still )?(?:for|4) sale\b|^ (?:yes )?(?:still )?for"
        rf" sale(?: \.)* *$"
        r"|\b(?:it|they|that|land|property|lot) (?:is|are) (?:still )?available\b|^ (?:yes )?(?:still"
        r" )?available(?: \.)* *$|^ (?:(?:yes|i|we|will|definitely|would|,|\.) )*sell(?:ing)?(?: (?:it|\.))* *$"
        r"|\b(?:get|getting) rid of (?:it|that|the|this)\b|\b(?:take|taking) it off my hands\b|\bcome (?:and"
        r" )?(?:get it|look|see it)\b|\bneed to sell\b",
    ),
    (
        "interested",
        "wants to talk",
        0.85,
        r"\btell (?:me|us) more\b|\b(?:more|some|further) (?:information|details)\b|^ (?:(?:yes|ok|and|so|sure|,|\."
        r"|interested) )*how (?:does|would|do) (?:this|it|that|you) work\b|\bwhat is (?:the|your) process\b|\bhow"
        r" (?:fast|soon|quick|quickly) (?:can|could|would|will) (?:you|we) (?:\w+ )?(?:clos|tak|pay)\w*"
        r"|^ (?:(?:yes|ok|sure|please|just|can|could|you|would|interested|we|i|,|\.|hi|hello|and|still own it)"
        r" )*(?:call me|call any ?time|give me a (?:call|ring|shout)|ring me|phone me)\b(?! (?:crazy|back if|old|by"
        r"|a liar|stupid|when you have|names))"
        r"|\b(?:reach|contact|call) me (?:at|on|back) \S*\d|\bmy (?:cell |phone )?number is\b.{0,25}\bcall\b"
        r"|\b(?:let us|would like to|love to|want to|we can|ready to|happy to|like to) (?:talk|discuss|chat"
        r"|meet)\b(?! to)|\bwhen can (?:we|you|i) (?:meet|come|look|talk|call)\b|\bcan we (?:meet|talk|set)\b|\bset"
        r" up a (?:time|call|meeting)\b",
    ),
    (
        "interested",
        "at a price",
        0.85,
        r"\b(?:for|at|if) the (?:right|correct) (?:price|money|amount|number|offer)\b|\b(?:price|money|number) is"
        r" right\b|\beverything (?:is for sale|has (?:a|its) price)\b|\b(?:have|got|own) (?:\w+ )?(?:other|more"
        r"|another|several|two|three|\d) (?:more )?(?:lots?|land|property|properties|parcels?|acres|tracts?)(?:"
        r" \w+){0,3} (?:want|interested|too|also|sell)\b",
    ),
    (
        "interested",
        "would sell, in Spanish",
        0.9,
        r"\b(?:si )?(?:me|nos) interesa\b|\b(?:estoy|estamos|esta|si) interesad\w+|^ (?:si )?(?:muy"
        r" )?interesad[oa]s?(?: \.)* *$|\b(?:quiero|queremos|quisiera|puedo|podria|deseo|quiere) vender\w*|\b(?:si"
        r"|claro|yo) (?:lo |la )?(?:vendo|venderia|vendemos)\b|^ (?:lo|la) vend[oe]\w*(?: \.)* *$|\b(?:llam(?:e|a"
        r"|en)me|hablemos|llame me|marqueme|hableme)\b",
    ),
)

_QUESTIONS: tuple[Row, ...] = (
    (
        "confused",
        "asks who or what",
        0.9,
        r"\bwho (?:exactly |the (?:hell|heck|fuck) |in the world )?(?:is|are|am i|do i|was|be) (?:this|you|that|it"
        r"|texting|speaking|have|talking|i|messaging|writing|calling|asking|we)\b|^ (?:(?:sorry|hi|hello|ok|hey|um"
        r"|yes|and|but|new|phone|,|\.) )*(?:who|what|huh|que|quien|eh|who (?:is )?(?:this|dis|it|that|you))(?:"
        r" (?:\?|\.|this|sorry|are you|now))* *$|^ (?:\? )+$"
        rf"|\bwhat(?: is| are)? (?:this|that|it|land|property|lot|parcel|address|company|acreage|lots|properties"
        rf"|place|piece|number|subdivision|parish|{_LAND})(?: (?:is|are|this|about|regarding|of|in|you|do|was|for"
        rf"|\?|\.|place|that|it)|(?= *$))(?! worth)|\bwhat (?:is (?:this|that|it) )?(?:in reference|regarding|about"
        rf"|in regards?|concerning) ?(?:to)?(?= [?.]| *$)"
        rf"|\b(?:may|can|could|might) (?:i ask|you tell me) who\b|\basking who (?:is|this|you)\b|\bwhat is the"
        rf" address\b|\bwhere is (?:this|the|that|it|said) ?(?:property|land|lot|located|at|\?)|\bnot sure (?:what"
        rf"|who) (?:you|this|that|property|land)\b|\bwhat are you (?:talking|texting|asking|referring)\b|\bwhich"
        rf" (?:property|land|lot|one|parcel|address|place|piece|acreage|tract)\b|\b(?:how|where) (?:did |do |have"
        rf" )?you (?:get|find|have|come)(?: \w+)? (?:my|this|our|by)\b|\bwho gave you\b|\bdo i know you\b|\b(?:i am"
        rf"|we are|little|am|bit) confused\b|\bnot understand\b|\bnot know what (?:this|that|it|you|land"
        rf"|property)\b|\bno idea (?:what|who)\b"
        r"|\bnot know who (?:this|you)\b|\b(?:is|are) (?:this|you|that|it) (?:for |a |an |some |kind of |even "
        r"|legit|real)*(?:scam\w*|spam|real|legit\w*|bot|robot|joke|real person|ai|computer|automated|human|prank"
        r"|hoax)\b|\bwho do you (?:work|represent)\b|\bwho are you with\b|\bwhat (?:is your|company|is the)"
        r" (?:company|name|are you|is this)\b|\bwhy (?:do you want to know|are you asking|do you ask|you asking|are"
        r" you texting|are you contacting)\b",
    ),
    (
        "confused",
        "asks who, in Spanish",
        0.9,
        r"\bcon quien (?:hablo|tengo)\b|\bquien (?:es|eres|habla|le|te|me)\b|\bde que (?:se trata|terreno|propiedad"
        r"|habla\w*|es esto)\b|\b(?:que|cual) (?:terreno|propiedad|lote|compania)\b|\bcomo (?:consigui|obtuv|tiene"
        r"|sac)\w* mi (?:numero|telefono)\b|\bno (?:entiendo|comprendo|se de que)\b|\bde parte de quien\b|\bque es"
        r" esto\b",
    ),
)

TABLE: Final = tuple(
    (label, rule, confidence, re.compile(pattern))
    for label, rule, confidence, pattern in (
        *_HOSTILE, *_DECEASED, *_WRONG, *_REFUSALS, *_OFFERS, *_INTEREST, *_QUESTIONS,
    )
)  # fmt: skip
