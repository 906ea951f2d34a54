"""Whether a reply seems to be in Spanish: a hint for the rep, who decides what the owner is written to in."""

from __future__ import annotations

import re

_WORDS = re.compile(r"[a-záéíóúüñ']+")
_SPANISH_WORDS = (
    "que qué de del la el los las por para porque con una uno unos es está esta esto este soy estoy tengo tiene tienen "
    "mi mis su sus gracias hola cuanto cuánto cuanta quien quién cual cuál como cómo donde dónde cuando cuándo terreno "
    "terrenos tierra tierras vender venta vendo vende interesa interesado interesada precio dinero quiero quiere puede "
    "puedo llamar llame usted ustedes español habla hablo inglés ingles pero muy bueno buena buenas días "
    "dias tardes noches señor oferta ofrece ofrecen mande mándeme envíe envíeme ahora mañana familia señora "
    "hermano hermana esposo esposa padre madre sí también tambien nada favor equivocado número numero"
)
_ENGLISH_WORDS = (
    "the you your yours is are was am i my we our what how much who this that it not to and for of in on do does can "
    "have yes yeah land sell price offer please thanks thank with from would will here there dont don't im i'm"
)
_SPANISH, _ENGLISH = frozenset(_SPANISH_WORDS.split()), frozenset(_ENGLISH_WORDS.split())


def seems_spanish(text: str) -> bool:
    """Two Spanish words and more of them than English ones; one is enough in a reply of up to three words."""
    words = _WORDS.findall(text.lower())
    spanish = sum(word in _SPANISH for word in words) + bool(set("¿¡ñ") & set(text.lower()))
    english = sum(word in _ENGLISH for word in words)
    return spanish > english and (spanish >= 2 or len(words) <= 3)
