"""The wordings behind the opt-out decision, written against flattened text: lower case, no accents, straight quotes."""

from typing import Final

from outreach.opt_out_exceptions import UNCLEAR
from outreach.opt_out_vocabulary import CONTACT, LIST, MINE, NO_CALL, NOT, QUIT, STOP, TEXT, WHOM, WIPE, named

STARTS: Final = frozenset({"start", "unstop"})

_FILLERS = (
    "please pls plz kindly por favor thanks thank you thx ty gracias now ok okay just sir maam ma'am hey hi hello "
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
    "stopoptout unsubscribestop leavemealone donttextme dontcontactme takemeoff takemeoffyourlist stoptextingme"
)
PER_SE: Final = frozenset(_PER_SE.split())

ENDS_SOMETHING: Final = frozenset({"cancel", "end", "remove", "delete", "quitar"})
"""Of these "it" may be an offer or an appointment."""

AMOUNTS: Final = frozenset({"nomore", "enough"})
"""Beside other words they may be about the price: "30k. No more, no less"."""

ALMOST_STOP: Final = ("stop", "stopall", "quit", "cancel", "unsubscribe", "optout", "revoke")
_RESEMBLES_STOP = (
    "top shop slop swop step atop stoop strop stow stomp stops quiet quite suit quilt quip quits cancels "
    "cancela revoked revokes evoke canceled cancelled optouts"
)
RESEMBLES_STOP: Final = frozenset(_RESEMBLES_STOP.split())

ASKS: Final = named(
    {
        "stop contacting": rf"{QUIT}(?:\W+(?:all|any|with|w|the|these|those|your|ur|u|this|sending|me|my|us|ever"
        rf"|freaking"
        r"|damn|fucking"
        rf"|future|further|more|from|unwanted|stupid|constant|random|out|trying to|asking to)){{0,5}}\W+{CONTACT}\b",
        "stop sending": QUIT
        + r"\W+(?:send\w*|asking(?! so| for more| that)|trying|wasting|hit\w*|blow\w*|reaching|it\b|this\b|offer\w*"
        r"|hound\w*"
        r"|stalk\w*|solicit\w*)",
        "do not contact me": rf"{NOT}(?:\W+(?:you|ever|even|dare|please|pls|keep|be|u|again|try|need|to)){{0,4}}\W+"
        r"(?:te?xt|message|msg|contact|call|bother|e-?mail|write|phone|reach out|harass|bug|hit|solicit"
        r"|disturb|spam)(?:ing|in)?(?:\W+(?:to|up))?\W+"
        r"(?:me|us|this|my|him|her|here|it\W*$|again|any ?more|no more|ever|back|any|nobody|our)\b",
        "do not send": rf"{NOT}(?:\W+(?:you|ever|keep)){{0,2}}\W+send(?:ing)?(?:\W+(?:me|us|any ?more|any|no|more"
        rf"|these"
        rf"|this|those|further|another|other|unsolicited|stupid|your|to|my|phone|number|of)){{0,5}}"
        r"\W+(?:te?xt|message|msg|sms|stuff|anything|shit|crap|spam|junk|nothing|mail)",
        "do not contact": r"(?:^|[.,;!?\n-]\s*|\b(?:please|pls|plz|just|and|said|asked you to|told you|u"
        r"|y'?all)\W+)(?:do not|don'?t|don t|dnt|never)\W+(?:ever\W+)?"
        r"(?:te?xt|message|msg|contact|write(?= me| us| to|\W*$)|solicit|call|reply)\b|\bdo not (?:contact|solicit"
        r"|disturb)\b|\bdo\W?not\W?call (?:list|registry)\b|\bdnc\b"
        rf"|{NOT} ask(?: me| us)? (?:again|any ?more)\b|{NOT} (?:call|text|email|message),? (?:or|and"
        r"|nor) (?:call|text|message|email|write)",
        "stop doing it to me": rf"{QUIT}\W+\w+(?:ing|in)\W+(?:me|us|people|my (?:mother|mom|mama|dad|father|family"
        rf"|wife|husband|phone))\b",
        "stoptexting": r"\b(?:stop|quit|no)(?:te?xt|txt|mess|msg|call|contact|spam)(?:s|ing|in|age|ages|aging)?\b"
        r"|\bno right to "
        rf"{CONTACT}\b",
        "can you not": rf"\b(?:can|could|would|will) (?:you|u|y'?all) (?:please |just )?not(?: (?:{CONTACT})|\W*$)",
        "does not want it": r"\b(?:do not|don'?t|don t|no longer|not|never|dnt)\W+(?:want\w*|wanna|wish\w*|accept"
        r"|allow|welcome|need(?! to\b)|care"
        r"|interested in|asked? for|agreed?|sign(?:ed)? up)\b(?:\W+(?:you|u|y'?all|any|any ?more|more|no"
        r"|these|this|those|your|ur"
        r"|to|be|being|get|getting|receiv\w+|reciev\w+|hear|a|further|people|anyone|unsolicited|for|kind"
        rf"|of|future|other|such|all|the|have|keep|me|company)){{0,6}}\W+(?:{CONTACT}|hear(?:ing)? from"
        r"|contacted|texted|called|bothered|messaged|solicited|(?:receiv\w+|reciev\w+|get(?:ting)?) (?:any of"
        r" )?(?:these|this"
        r"|them|anything))\b|\b(?:did ?n[o']?t|did not|never) (?:sign(?:ed)? up|opt(?:ed)? in|subscribed?|agreed?"
        r"|ask(?:ed)?) (?:for|to)\b"
        r"(?! (?:sell|that price|buy))",
        "does not want to hear": r"\b(?:not|don'?t|never)\W+(?:want|wanna|wish|care)\W+(?:to\W+)?(?:hear|see|get"
        r"|receive)\W+(?:\w+\W+){0,3}?(?:from|text\w*|messag\w*)\b",
        "off the list": r"\b(?:remove|remov|rmove|take|delete|drop|get|scratch|strike|cross|erase|pull|leave|keep|clear"
        rf"|wipe|purge|tak)\W+{MINE}(?:\W+\w+){{0,3}}?\W+(?:off|from|out|outta|of)\W+"
        rf"(?:of\W+)?(?:\w+\W+){{0,4}}?{LIST}",
        "off your list": r"\b(?:off|from|out of)\W+(?:of\W+)?(?:your|ur|this|the|that|ya"
        r"|all)\W+(?:\w+\W+){0,2}?(?:lists?|database|system|contacts)\b(?! price)"
        r"|\bremove from (?:your |the |this |ur )?list|\b(?:my|this|our) (?:number|name"
        r"|info) (?:be )?(?:removed|deleted|taken off)\b|\b(?:be|get) (?:taken|removed) (?:off"
        r"|from)\b(?! the market)|\b(?:please|pls|plz|number|person|#) (?:delete|remove)\W*$",
        "forget the number": r"\b(?:remove|delete|erase|scrub|purge|trash|block|rmove|lose|loose|forget|throw|throw"
        r" away"
        r"|throw out"
        r"|get rid of|burn|toss|ditch|discard)\W+(?:all\W+)?(?:of\W+)?"
        r"(?:(?:my|our|this|the|that|his|her)\W+(?:\w+\W+){0,2}?(?:number|#|num|phone|cell|contact"
        r"|info\w*|details|digits)|number)",
        "wipe off": rf"{WIPE}\W+{WHOM}\W+(?:off|out|from)\b(?:\W+(?:of|off|there|here|please|pls|plz|thanks|now"
        rf"|asap|all|ok|the|your|ur"
        rf"|this|that|it))*(?:(?<!from)\W*$|\W+(?:\w+\W+)?{LIST})|{WIPE}\W+(?:off|from)\W+(?:\w+\W+)?(?:lists?"
        rf"|texts?|messages)\b"
        r"|\btake out (?:my|this|our|her|his) (?:number|name|info)\b|\bclear (?:my|this|our) (?:number|name|info)\b",
        "on no-call list": rf"\b(?:on|in|to|with|i'?m|am|it'?s)\W+(?:\w+\W+){{0,2}}?{NO_CALL}|\bno\W?call (?:list"
        rf"|registry)\b"
        r"|\bon (?:a |the |your )?do\W?not\W?(?:text|contact|call)\b",
        "remove me": r"\b(?:scratch|strike|erase|wipe|purge|scrub|lose|discard|trash)\W+(?:me|us)\b(?! (?:a|an|some"
        r"|off the deed))|\b(?:remove|delete|block|rmove|unenroll|exclude)\W+(?:me|us)\b"
        r"|\b(?:take|pull)\W+(?:me|us|my (?:name"
        r"|number|contact|info)|this number)\W+(?:out(?=\W*$| of (?:your|ur|this|all)\b)|off)\b(?! hold| speaker)",
        "unsubscribe": r"\bun\W?s[ub]{1,2}\w{0,3}s?c?r?i?b\w*|\bunsub\w*|\bunsu\w*rib\w*",
        "opt out": r"\bo(?:pt|tp)(?:ed|ing)?\W?(?:(?:me|us|my number)\W)?out\b|\boptuot\b|\bopt put\b",
        "last word": r"(?<!to )(?<!will )(?<!did )(?<!can )(?<!could )(?<!i )(?<!just )"
        r"\b(?:quit|remove|unsubscribe|pare|basta)\W*$",
        "left alone": r"\b(?:be|get) left alone\b|\bstay away from (?:me|us|my family)\b|\bdo(?:n'?t| not) come at me\b"
        r"|\bno more of (?:this|these)\W*$|\bcan (?:i|we) be removed\W*$",
        "in peace": r"\bleave\W+(?:me|us|him|her|them|my \w+|our \w+|this number)(?: and \w+ \w+)?\W+(?:the (?:hell"
        r"|fuck|heck) |tf )?"
        r"(?:alone|be\b|in peace|out of (?:this|it)\b)",
        "leave me alone": r"\bleave\W+(?:me|us|him|her|my \w+|our \w+|this number)\W+(?:the (?:hell|fuck|heck) |tf "
        r"|alone)?(?:alone|be\b|in peace)|\blet (?:me|us) be\b(?! the| \d)|\bforget about (?:me|us)\b|\bl?eave me"
        r" alone\b|\blv me alone\b",
        "harassment": r"\b(?:you|u|y'?all|they)\b(?:'?re| are| r)?(?: all| people| just| still)*"
        r" (?:harass(?:ing|ment)|pestering|stalking|spamming)\b(?! by)",
        "somebody else": r"\b(?:bother|bug|annoy|pester|harass|spam) (?:some(?:one|body) else|other people|another)\b",
        "go away": r"\bgo away(?<!will go away)(?<!to go away)(?<!gonna go away)(?<!i go away)(?<!not go away)\b(?!"
        r" for| next| on| to| this)|\bget lost\b|\b(?:fuck|f|eff|f\*+k?|piss|bugger|buzz|back|bug|sod"
        r"|screw)\W+(?:the \w+ )?off\b|\b(?:knock|cut) it (?:off|out)\b|\benough already\b"
        r"|\bgive it a rest\b|\bcease (?:and|&) desist\b|\bcease all\b",
        "it must stop": r"\b(?:you|u|it|this|these|they|y'?all|texts|messages)\b(?:\W+(?:really|just|all|guys"
        r"|people))?\W+(?:need(?:s|ed)? to|ha(?:s|ve) to|gotta|got to|must|should|better|can|could|would"
        rf"|will|may)\W+(?:please\W+|just\W+|now\W+)?{STOP}",
        "asked to quit": r"\b(?:asking|asked|ask|told|tell\w*|begging|need|needs|want|wish)\b[^.!?]{0,25} (?:to|would) "
        r"(?:please )?(?:quit|cease)(?: it| this)?\W*$",
        "asked not to": r"\b(?:ask\w*|request\w*|told|tell\w*|said|want|warn\w*|demand\w*|advis\w*)\b[^.!?]{0,20}?"
        r" not (?:to )?(?:ever )?"
        r"(?:be )?(?:contact|te?xt|mess|msg|solicit|bother)\w*(?:\W+(?:me|us|this|my|again|her|him|any ?more|about"
        r"|$)|\W*$)",
        "should not be": r"\b(?:should ?n[o']?t|shouldnt|should not)\W+(?:be\W+(?:on (?:your|this|ur|the)|in your"
        r"|getting|receiving"
        r"|texting|contacting|messaging)|have\W+(?:my|this) (?:\w+ )?(?:number|info\w*|phone|name))\b",
        "asked to stop": r"\b(?:can|could|would|will|want|need|wish|like|asked|told|asking|telling|begging|make|get"
        r"|have)\W+(?:you|u|y'?all|it|this|these|them|the texts|that)\b(?:\W+(?:please|just|all|kindly"
        rf"|to|would|texts|messages|guys|people|already|many times|repeatedly)){{0,3}}\W+{STOP}",
        "will not stop": r"\b(?:you|u|y'?all|these|they)\W+(?:won'?t|do not|don'?t|never|still(?: have not"
        rf"| haven'?t)?)\W+{STOP}",
        "stop first": r"(?:^|[.,;:!?\n-]\s*|\b(?:please|pls|plz|but|just|now|hey|no|yes|ok|thanks|thank you|interested"
        rf"|selling|sale|number|said)\W+){STOP}",
        "stop last": rf"{STOP}\W*$",
        "no more of it": r"\bno(?:\W+more)?\W+(?:te?xts|te?xting|messages|messaging|msgs|calls|contact(?! with)|sms"
        r"|spam"
        r"|solicit\w+|solicitation)\b|\bno te?xt (?:please|pls|plz)\b|^(?:(?:pls|plz|please|no|sir)\W+)?no te?xts?\W*$"
        r"|\bno further (?:text\w*|messag\w*|contact|communication\w*)\b",
        "consent withdrawn": r"\b(?:revok\w*|withdraw\w*|rescind\w*|retract\w*)\W+(?:\w+\W+){0,4}?(?:consent|permission"
        r"|authoriz\w+)|\bi (?:hereby )?revoke\b"
        r"|\b(?:no|not|never|don'?t|didn'?t|without)\W+(?:\w+\W+){0,4}?(?:consent\w*|permission"
        r"|authori[sz]\w+)\b(?! from| of| yet| between| to (?!te?xt|contact|call|mess|be\b|use|send|have|get"
        r"|th[ei]se?|your|any|receiv|this))"
        r"|\b(?:never|did ?n[o']?t|did not) (?:sign(?:ed)? up|opt(?:ed)? in|subscribed?)\b",
        "sick of it": r"\b(?:sick|tired|fed up|done|enough)\W+(?:and tired\W+)?(?:of"
        r"|with)\W+(?:\w+\W+){0,3}?(?:te?xt\w*|messag\w*|calls?|msgs?|spam)\b",
        "will block": r"\b(?:i'?m|i am|i will|i'?ll|im|ill|will be|gonna|going to|be)\W+(?:\w+\W+)?(?:block\w*"
        r"|report\w*)\W+(?:you|u|this(?! on\b)|ur|your|it (?:as|to))\b|^block(?:ing|ed)\W+(?:you|this|ur|your)\b"
        r"|\breport(?:ed|ing)?(?: \w+)? (?:as|for) (?:spam|junk)\b|\bblocked (?:and|&) reported\b|\breported (?:and"
        r"|&) blocked\b",
        "cancel the texts": r"\bcancel\w*\W+(?:\w+\W+){0,3}?(?:te?xts?|messag\w*|msgs?|sms|subscri\w*|notif\w*|alerts?"
        r"|service|number)|\bcancel me\b",
        "rather not": r"\b(?:prefer|rather|appreciate it|like it|better|glad|happy|grateful|nice|great|best)\b"
        r"(?:\W+(?:if|that|you|u|y'?all|to|i|we|would|could|please|were|be)){0,4}?"
        r"\W+(?:not|no longer|didn'?t|did not|don'?t|wouldn'?t|would not|stopped|quit|never)\W+"
        rf"(?:be |to |get |getting |receive |receiving |send\w* |hear |ever |keep )*(?:{CONTACT}|from|any|these|me"
        rf" any)\b",
        "the last one": r"\b(?:make (?:this|it|that)|let (?:this|it|that) be|(?:this|it|that|here)"
        r"(?:'d| had| should| must| needs to| has to| will|'s| is| was)?"
        r" better(?: not)? be|this (?:should|must|needs to|has to|will) be|hope (?:this|that|it) (?:is|was))"
        r" (?:the|ur|your) (?:very )?last\b(?! (?:offer|price|one you make|piece))",
        "or else": rf"\b(?:if|next time|every time|1 more|one more|another|any more|any further|keep"
        rf"|again)\b[^.!?]{{0,15}}?"
        rf"\b{CONTACT}\b[^.!?]{{0,40}}?\b(?:sue|suing|lawyers?|attorney|police|cops|sheriff|law|legal|court|report\w*"
        r"|fcc|ftc|tcpa|harassment|charges|block\w*|complaint|see what|regret|find out)\b"
        rf"|\b{CONTACT}\b[^.!?]{{0,12}}\bagain\b[^.!?]{{0,15}}\b(?:sue|suing|lawyers?|attorney|police|cops|sheriff"
        rf"|court|report"
        r"|see what|find out)\b|\bnext (?:te?xt|message|call|one)\b[^.!?]{0,20}\b(?:attorney|lawyer|police|court"
        r"|sheriff)\b"
        rf"|\b(?:sue|suing|lawyers?|attorney|police|cops|sheriff|legal|court|report\w*|charges|block\w*|complaint)\b"
        rf"[^.!?]{{0,25}}?\b(?:if|next time|unless)\b[^.!?]{{0,20}}?\b{CONTACT}\b[^.!?]{{0,12}}\b(?:again|any"
        rf" ?more|me|more)\b",
        "do not use the number": rf"{NOT} (?:ever |again )?(?:use|dial|keep|save|store|share|try)"
        r" (?:my|this|our|that) (?:\w+ )?(?:number|phone|cell|#|info\w*)\b"
        r"|\bforget (?:that )?(?:you|u) (?:ever )?(?:have|had|got|know|knew|found) (?:me|us|my|this)\b",
        "a private number": rf"\b(?:number|phone|line|cell)\b[^.!?]{{0,30}}[ ,.]{NOT} (?:ever )?(?:use|te?xt"
        rf"|message|call|contact) (?:it|this)\b",
        "no need to": r"\b(?:no|not any) (?:need|reason|point)(?: for you)?(?: to| in)? (?:be )?"
        rf"(?:{CONTACT})\b[^.!?]{{0,20}}?\b(?:again|any ?more|further|no more|in (?:the )?future)\b",
        "enough of it": r"\b(?:enough|no more|done|through|tired)\b(?:\W+(?:with|of|already|now))?(?:\W+(?:the"
        r"|these|this"
        rf"|your|ur|all|it))*\W+(?:{TEXT})\b|^\W*enough is enough\W*$",
        "breaks the law": r"\bregistered (?:on |with |as )?(?:the )?do not call\b|\bbreaking the law\b|\b(?:in"
        r" violation|violat(?:es|ing|ion)|illegal(?:ly)?|against the law)\b[^.!?]{0,40}"
        rf"\b(?:{CONTACT}|tcpa|do not call|registry|dnc|law)\b"
        rf"|\b(?:{CONTACT})\b[^.!?]{{0,25}}\b(?:violat(?:es|ing|ion)|illegal(?:ly)?|against the law|harassment)\b",
        "to the authorities": r"\b(?:report\w*|turn\w*|forward\w*|complain\w*|complaint)\b(?: \w+){0,4}? (?:to"
        r"|with) (?:the )?"
        r"(?:ftc|fcc|attorney general|ag|bbb|better business|authorities|spam|7726|do not call|carrier|police)\b",
        "wants out": r"\b(?:want|wanna|need|get|getting|like|let|how do i|how can i|please)\W+(?:me\W+"
        r"|us\W+)?(?:to\W+be\W+|to\W+get\W+|get\W+|be\W+)?"
        r"(?:off|out)\W+(?:of\W+)?(?:this|your|ur|the|these|all)\W+(?:\w+\W+){0,2}?(?:lists?|texts?|messages|thing"
        r"|group|thread|chat)\b"
        r"|^\W*off (?:the|your|this) list\b",
        "blocked": r"^\W*(?:(?:you|u|ur|you'?re|youre|your|this|number|is|are|now|getting|being|good|goodbye|bye"
        r"|and|been|just)\W+)*"
        r"block(?:ed|ing)?(?:\W+(?:you|u|this|now|bye|number|sir))*\W*$|\b(?:spam|junk)\W+report(?:ed|ing)\b",
        "end the conversation": r"\bend (?:this|these|the|all|our) (?:conversation|convo|communication|chat|thread"
        r"|contact)\w*"
        r"|\b(?:this|our) conversation is over\b|\bplease end\b",
        "no me escriba": r"\b(?:no|nunca|ya no) (?:me|nos|le) (?:vuelva[ns]? a |siga[ns]? |este[ns]? )?(?:mand|envi"
        r"|escrib|text|llam|molest|contact|hable|habl|busq|busc|mensaj|inos|fastid|marqu)\w*",
        "deje de": r"(?<!no )\b(?:dej[ea](?:n|s|me)?|par[ea](?:n)?|pare) (?:ya )?de (?:me )?(?:mand|envi|escrib"
        r"|text|llam|molest|contact|fastid|habl|chingar|joder)\w*",
        "quiteme": r"\b(?:quit|saqu|sac|borr|elimin|remuev|remov|tach|retir)[ea](?:n)?(?:me|nos)\b|\b(?:quit|saqu"
        r"|sac|borr|elimin|remuev|retir)[ea]n? (?:mi|este|nuestro|el) (?:numero|telefono|nombre|contacto)"
        r"|\b(?:fuera|de) (?:su|tu|la|esta) lista\b|\b(?:olvid|pierd)\w*(?: de)? (?:mi|este) numero",
        "no mas": r"\bno mas (?:mensaj|text|llamad|correos|sms)\w*|\bno (?:quier[oe]|deseo|queremos"
        r"|deseamos)(?: \w+){0,4}? (?:mensaj|text|llamad|contact|molest|sms|notific|llam|escrib)\w*"
        r"|\bno (?:moleste|molesten|molestar|escriba|escriban|llamen)\b",
        "borrelo": r"\b(?:borr|elimin)[ea]n?lo\b|\bcancel[ea]n? (?:mi|este) (?:numero|telefono)\b|\bdeten(?:ganse"
        r"|gan|gase)\b",
        "no mande": r"\bno (?:me |nos |le )?(?:mand|envi|escrib|llam|text|contact)[ae]\w* (?:ya |nada|mas|mensaj"
        r"|textos?\b|otra)",
        "ya no": r"\b(?:ya )?no (?:quier[oe]n?|queremos|deseo|necesito) (?:saber |recibir )?(?:nada (?:mas|de ustedes)"
        r"|mas (?:nada|de esto|contacto|textos))|\bno insist\w+|\b(?:ya )?no (?:me )?(?:moleste|escriba|texte|llame"
        r"|mande|contacte)n?"
        r" (?:mas|nunca)\b|\bya no mas\b|\b(?:basta|pare|alto) ya\b|\bya (?:basta|pare|parele|deten\w+)\b"
        r"|\bno (?:vuelva|vuelvan|siga|sigan) (?:a )?(?:mand|envi|escrib|text|llam|molest|contact)\w*"
        r"|\bno autoriz\w+|\b(?:quit|saqu|sac|borr|elimin|remuev|remov|tach|retir|olvid)\w* (?:de )?(?:mi|este"
        r"|nuestro) "
        r"(?:numero|telefono|nombre|contacto|cel\w*)",
        "en paz": r"\bdej[ea](?:n)?(?:me|nos) (?:en paz|tranquil\w+|solo|sola)|\b(?:dar|dame|deme|denme|darse"
        r"|darme) (?:me )?de baja\b|\bcancel\w+ (?:la |mi )?suscripcion|\bya basta\b|\bpor favor (?:pare"
        r"|paren|alto|basta)\b",
    }
    | {
        "stop in two languages": r"\b(?:stop|alto|pare|paren|basta)\b,? (?:por favor|(?:con|a|de) (?:los|estos|sus"
        r"|tantos) (?:mensaj|text|llamad))"
    }
)

DOUBTS: Final = UNCLEAR + named(
    {
        "stop sign somewhere": r"[\U0001F6D1\u26D4\U0001F6AB]",
        "stop somewhere": STOP,
        "cancel something": r"\bcancel\b",
        "quit something": r"\bquit\b(?! rent)",
        "remove something": r"\b(?:remove|delete|take off|unenroll)\b(?! (?:the|trees|all the))",
        "complaint": r"\bharass\w*|\bspam(?<!you spam)(?<!like spam)(?<!were spam)(?<!was spam)\w*"
        r"|\bscam(?<!like scam)(?<!like a scam)\w*"
        r"|\breport(?:ing|ed)? (?:you|u|this (?:number|text|mess\w*|as|to))\b"
        r"|\bblocked(?<!is blocked)(?<!was blocked)(?<!got blocked)(?<!road blocked)\b(?! off| by| the| in)"
        r"|\bunwanted\b"
        r"|\bunsolicited\b",
        "threat": r"\btcpa\b|\bfcc\b|\bftc\b|\battorney general\b|\blegal action\b|\bsue (?:you|u|your)\b"
        r"|\blawsuit\b|\bcall(?:ing)? the (?:police|cops|law)\b",
        "does not want this": r"^\W*(?:no\W+)?(?:i |we )?(?:do not|don'?t) want (?:this|these|any|them|any of"
        r" (?:this|these|it))\W*$",
        "please do not": r"^\W*(?:please|pls|plz) (?:do not|don'?t)\W*$",
        "ends it": r"\bend of (?:conversation|discussion|story|convo)\b|\bwe'?re done\b|\bwe are done\b"
        r"|\bconversation over\b|\bthat'?s enough\b(?! \w)|\bdo not bother\b|\bdon'?t bother\b|\bannoying\b",
        "insult": r"\b(?:fuck|screw) (?:you|u|yourself)\b|\bgo to hell\b",
        "how did you get it": r"\bhow did you (?:get|find) (?:my|this) (?:number|info|phone)\b.{0,40}\b(?:illegal"
        r"|private"
        r"|unlisted)\b",
    }
)

# Where a long text is worth reading: at a word that begins like one of those which the wordings above need.
_CUES = (
    "s st stop st0p sto0 stpo sotp tsop stap stah unsu unsc opt opto otp quit quti qiut quie ceas halt disc refr term "
    "remo rmov dele eras scru purg wipe list lose loos forg leav alon bloc repo con cont text txt tx texi tetx text "
    "mess msg msgs both hara spam scam soli sue suin lawy atto poli viol ille brea perm numb phon away off out mas"
    " mole "
    "escr mand llam deje deja dej para pare paro bast alto borr elim saqu saca last end canc revo dnc hear call"
    " enou no-m "
    "more want sick tire done auth fuck hell subs emai writ dist pest anno bug bugg stal hit reac phon need let"
)
CUES: Final = frozenset(_CUES.split())
