"""North American area codes and states, and the time zones in which their people may be living.

States split between zones list every one of them, the most populous first: a rule about local time looks at all.
Plan data compiled from the public numbering-plan metadata of libphonenumber, with the overlays opened since.
"""

import re

UNKNOWN_STATE = "*"

EASTERN, CENTRAL, MOUNTAIN, PACIFIC = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"
ALASKA, HAWAII = "America/Anchorage", "Pacific/Honolulu"

# Nobody knows where the person is, so every clock of the fifty states has to allow it.
UNKNOWN_ZONES = (EASTERN, CENTRAL, MOUNTAIN, PACIFIC, ALASKA, HAWAII)

STATE_NAMES: dict[str, str] = {
    "AL": "Alabama",
    "AK": "Alaska",
    "AZ": "Arizona",
    "AR": "Arkansas",
    "CA": "California",
    "CO": "Colorado",
    "CT": "Connecticut",
    "DE": "Delaware",
    "DC": "Washington D.C.",
    "FL": "Florida",
    "GA": "Georgia",
    "HI": "Hawaii",
    "ID": "Idaho",
    "IL": "Illinois",
    "IN": "Indiana",
    "IA": "Iowa",
    "KS": "Kansas",
    "KY": "Kentucky",
    "LA": "Louisiana",
    "ME": "Maine",
    "MD": "Maryland",
    "MA": "Massachusetts",
    "MI": "Michigan",
    "MN": "Minnesota",
    "MS": "Mississippi",
    "MO": "Missouri",
    "MT": "Montana",
    "NE": "Nebraska",
    "NV": "Nevada",
    "NH": "New Hampshire",
    "NJ": "New Jersey",
    "NM": "New Mexico",
    "NY": "New York",
    "NC": "North Carolina",
    "ND": "North Dakota",
    "OH": "Ohio",
    "OK": "Oklahoma",
    "OR": "Oregon",
    "PA": "Pennsylvania",
    "RI": "Rhode Island",
    "SC": "South Carolina",
    "SD": "South Dakota",
    "TN": "Tennessee",
    "TX": "Texas",
    "UT": "Utah",
    "VT": "Vermont",
    "VA": "Virginia",
    "WA": "Washington",
    "WV": "West Virginia",
    "WI": "Wisconsin",
    "WY": "Wyoming",
    "PR": "Puerto Rico",
    "VI": "U.S. Virgin Islands",
    "GU": "Guam",
    "AS": "American Samoa",
    "MP": "Northern Mariana Islands",
}

ZONE_NAMES: dict[str, str] = {
    EASTERN: "Eastern",
    CENTRAL: "Central",
    MOUNTAIN: "Mountain",
    PACIFIC: "Pacific",
    ALASKA: "Alaska",
    HAWAII: "Hawaii",
    "America/Boise": "Mountain",
    "America/Phoenix": "Arizona",
    "America/Adak": "Aleutian",
    "America/Puerto_Rico": "Atlantic",
    "America/St_Thomas": "Atlantic",
    "Pacific/Guam": "Guam",
    "Pacific/Pago_Pago": "Samoa",
    "Pacific/Saipan": "Guam",
}

_STATES_BY_ZONES: dict[tuple[str, ...], str] = {
    (EASTERN,): "CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV",
    (CENTRAL,): "AL AR IA IL LA MN MO MS OK WI",
    (MOUNTAIN,): "CO MT NM UT WY",
    (PACIFIC,): "CA WA",
    (EASTERN, CENTRAL): "FL IN KY MI",
    (CENTRAL, EASTERN): "TN",
    (CENTRAL, MOUNTAIN): "KS ND NE SD TX",
    ("America/Boise", PACIFIC): "ID",
    (PACIFIC, "America/Boise"): "OR",
    (PACIFIC, MOUNTAIN): "NV",
    ("America/Phoenix", MOUNTAIN): "AZ",
    (ALASKA, "America/Adak"): "AK",
    (HAWAII,): "HI",
    ("America/Puerto_Rico",): "PR",
    ("America/St_Thomas",): "VI",
    ("Pacific/Guam",): "GU",
    ("Pacific/Pago_Pago",): "AS",
    ("Pacific/Saipan",): "MP",
}

_CODES_BY_STATE: dict[str, str] = {
    "AK": "907",
    "AL": "205 251 256 334 483 659 938",
    "AR": "327 479 501 870",
    "AS": "684",
    "AZ": "480 520 602 623 928",
    "CA": (
        "209 213 279 310 323 341 350 357 369 408 415 424 442 510 530 559 562 619 626 628 650 657 661 "
        "669 707 714 738 747 760 805 818 820 831 837 840 858 909 916 925 949 951"
    ),
    "CO": "303 719 720 748 970 983",
    "CT": "203 475 860 959",
    "DC": "202 771",
    "DE": "302",
    "FL": "239 305 321 324 352 386 407 448 561 645 656 689 727 728 754 772 786 813 850 863 904 941 954",
    "GA": "229 404 470 478 678 706 762 770 912 943",
    "GU": "671",
    "HI": "808",
    "IA": "319 515 563 641 712",
    "ID": "208 986",
    "IL": "217 224 309 312 331 447 464 618 630 708 730 773 779 815 847 861 872",
    "IN": "219 260 317 463 574 765 812 930",
    "KS": "316 620 785 913",
    "KY": "270 364 502 606 859",
    "LA": "225 318 337 457 504 985",
    "MA": "339 351 413 508 617 774 781 857 978",
    "MD": "227 240 301 410 443 667",
    "ME": "207",
    "MI": "231 248 269 313 517 586 616 679 734 810 906 947 989",
    "MN": "218 320 507 612 651 763 924 952",
    "MO": "235 314 417 557 573 636 660 816 975",
    "MP": "670",
    "MS": "228 471 601 662 769",
    "MT": "406",
    "NC": "252 336 472 704 743 828 910 919 980 984",
    "ND": "701",
    "NE": "308 402 531",
    "NH": "603",
    "NJ": "201 551 609 640 732 848 856 862 908 973",
    "NM": "505 575",
    "NV": "702 725 775",
    "NY": "212 315 329 332 347 363 465 516 518 585 607 624 631 646 680 716 718 838 845 914 917 929 934",
    "OH": "216 220 234 283 326 330 380 419 436 440 513 567 614 740 937",
    "OK": "405 539 572 580 918",
    "OR": "458 503 541 971",
    "PA": "215 223 267 272 412 445 484 570 582 610 717 724 814 835 878",
    "PR": "787 939",
    "RI": "401",
    "SC": "803 821 839 843 854 864",
    "SD": "605",
    "TN": "423 615 629 729 731 865 901 931",
    "TX": (
        "210 214 254 281 325 346 361 409 430 432 469 512 621 682 713 726 737 806 817 830 832 903 "
        "915 936 940 945 956 972 979"
    ),
    "UT": "385 435 801",
    "VA": "276 434 540 571 686 703 757 804 826 948",
    "VI": "340",
    "VT": "802",
    "WA": "206 253 360 425 509 564",
    "WI": "262 274 353 414 534 608 715 920",
    "WV": "304 681",
    "WY": "307",
}

# In the split states, the codes that lie in the second zone alone or straddle the line; the others are in the first.
_SECOND_ZONE_CODES = frozenset({"865", "915"})
_STRADDLING = (
    "208 219 270 308 364 402 423 432 448 458 531 541 574 605 606 620 701 729 775 785 812 850 906 907 928 930 986"
)
_STRADDLING_CODES = frozenset(_STRADDLING.split())

_ZONES_BY_STATE = {state: zones for zones, states in _STATES_BY_ZONES.items() for state in states.split()}
_STATE_BY_CODE = {code: state for state, codes in _CODES_BY_STATE.items() for code in codes.split()}
_AMERICAN_NUMBER = re.compile(r"\+?1?([2-9]\d\d)[2-9]\d{6}")


def state_of_area_code(code: str) -> str:
    """The state's two letters, or UNKNOWN_STATE for foreign, toll-free and not yet listed codes."""
    return _STATE_BY_CODE.get(code, UNKNOWN_STATE)


def area_code_of(phone: str) -> str:
    """The three digits of a number in E.164 or ten-digit form; empty when it is not a North American number."""
    match = _AMERICAN_NUMBER.fullmatch(phone.strip())
    return match[1] if match else ""


def zones_of_state(state: str) -> tuple[str, ...]:
    return _ZONES_BY_STATE.get(state, UNKNOWN_ZONES)


def zones_of_area_code(code: str) -> tuple[str, ...]:
    zones = zones_of_state(state_of_area_code(code))
    if code in _STRADDLING_CODES or code not in _STATE_BY_CODE:
        return zones
    return zones[1:] if code in _SECOND_ZONE_CODES else zones[:1]


def state_name(state: str) -> str:
    return STATE_NAMES.get(state, "a state without a known rule")


def zone_name(zone: str) -> str:
    return ZONE_NAMES.get(zone, zone)


def considered_states(*, parcel: str, mailing: str, area_code: str, market: str = "") -> dict[str, tuple[str, ...]]:
    """State -> why it is looked at. A blank address adds nothing; what is no state or known code adds UNKNOWN_STATE.

    `market`: the state of the market that works the lead, which counts where it is not the parcel's.
    """
    found = [
        (_known(parcel), "parcel"),
        ("" if market == parcel else _known(market), "market"),
        (_known(mailing), "mailing address"),
        (state_of_area_code(area_code), "area code"),
    ]
    reasons: dict[str, tuple[str, ...]] = {}
    for state, reason in found:
        if state:
            reasons[state] = (*reasons.get(state, ()), reason)
    return reasons


def _known(state: str) -> str:
    letters = state.strip().upper()
    return letters if not letters or letters in STATE_NAMES else UNKNOWN_STATE
