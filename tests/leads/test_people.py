"""Owner columns into people: what a roll may write, and what a letter then says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads.models import Owner
from leads.owner_names import name_key, parse_owner, people_of, read_name_of

TABLE = """
SMITH JOHN A & MARY B | couple | John A. Smith, Mary B. Smith
BOUDREAUX JEAN ET AL | heirs | Jean Boudreaux |  | et al
ESTATE OF JOHN SMITH | estate | John Smith
ESTATE OF SMITH JOHN A | estate | John A. Smith
LA HANSON LIVING TRUST | trust
SMITH, JOHN A, JR | person | John A. Smith Jr.
SMITH JOHN A JR & MARY B | couple | John A. Smith Jr., Mary B. Smith
SMITH JR JOHN A | person | John A. Smith Jr.
LANDRY PAUL ET UX | couple | Paul Landry
LANDRY PAUL ET UX ANN | couple | Paul Landry, Ann Landry
LANDRY PAUL ET VIR | couple | Paul Landry
SMITH JOHN C/O MARY JONES | person | John Smith | MARY JONES
SMITH JOHN % FIRST BANK | person | John Smith | FIRST BANK
C/O SMITH JOHN | person | John Smith | SMITH JOHN
SMITH MARY (LE) | life_estate | Mary Smith
SMITH MARY (USUFRUCT) | life_estate | Mary Smith
SMITH MARY L/E | life_estate | Mary Smith
SMITH MARY LIFE ESTATE & SMITH JOHN | life_estate | Mary Smith, John Smith
HEIRS OF JOSEPH GUIDRY | heirs | Joseph Guidry
SUCCESSION OF M LANDRY | estate | M. Landry
GUIDRY JOSEPH (ESTATE) | estate | Joseph Guidry
GUIDRY JOSEPH EST | estate | Joseph Guidry
LANDRY HEIRS | heirs | Landry
MITCHELL KEVIN & ROBERT RUFFEN | couple | Kevin Mitchell, Robert Ruffen
SMITH JOHN & JONES MARY | couple | John Smith, Mary Jones
SMITH JOHN & MARY JONES | couple | John Smith, Mary Jones
SMITH JOHN & MARY SMITH | couple | John Smith, Mary Smith
JOHN & MARY SMITH | couple | John Smith, Mary Smith
JOHN A SMITH | person | John A. Smith
MC DONALD JAMES | person | James Mc Donald
MCDONALD JAMES | person | James McDonald
ST PIERRE ANN | person | Ann St. Pierre
DE LA CRUZ MARIA | person | Maria De La Cruz
LE BLANC PAUL | person | Paul Le Blanc
LEBLANC-MARTIN ANN | person | Ann Leblanc-Martin
O'NEAL SEAN | person | Sean O'Neal
VAN DER MEER JAN | person | Jan Van Der Meer
SMITH JOHN TRUSTEE | trust | John Smith
SMITH JOHN & MARY TRUSTEES | trust | John Smith, Mary Smith
THE BROWN REVOCABLE LIVING TRUST | trust
ACME LLC ET AL | company |  |  | et al
SMITH & SONS INC | company
JOHNSON & JOHNSON | unknown
BAYOU REAL ESTATE LLC | company
SMITH JOHN 1/2 INT & JONES PAUL 1/2 INT | couple | John Smith, Paul Jones
50% SMITH JOHN | person | John Smith
SMITH JOHN AKA SMITH JACK | person | John Smith
SMITH JOHN & OTHERS | heirs | John Smith |  | et al
SMITH JOHN & MARY & PAUL | heirs | John Smith, Mary Smith, Paul Smith
PEÑA JOSÉ | person | José Peña
Thériot, John | person | John Thériot
12345 | unknown
X | unknown
Hebert, Paul and Ann | couple | Paul Hebert, Ann Hebert
ROBICHAUX T & C | couple | T. Robichaux, C. Robichaux
SMITH JOHN H/W MARY | couple | John Smith, Mary Smith
SMITH JOHN AND WIFE MARY JONES | couple | John Smith, Mary Jones
SMITH JOHN D/B/A SMITH TIRES | person | John Smith
SMITH JOHN A & MARY BETH | couple | John A. Smith, Mary Beth Smith
SMITH JOHN A AND MARY B | couple | John A. Smith, Mary B. Smith
THIBODEAUX CLAUDE & THIBODEAUX EARLINE | couple | Claude Thibodeaux, Earline Thibodeaux
HEBERT PAUL & ANN LANDRY | couple | Paul Hebert, Ann Landry
GUIDRY, JOSEPH P III | person | Joseph P. Guidry III
GUIDRY JOSEPH P III | person | Joseph P. Guidry III
FONTENOT SR RAYMOND | person | Raymond Fontenot Sr.
DUPRE RAYMOND SR ET UX | couple | Raymond Dupre Sr.
BROUSSARD ANTOINE ET ALS | heirs | Antoine Broussard |  | et al
BROUSSARD ANTOINE, ET AL. | heirs | Antoine Broussard |  | et al
MELANCON ROY ETAL | heirs | Roy Melancon |  | et al
DOE JOHN ETUX | couple | John Doe
NGUYEN VAN TUAN | person | Van Tuan Nguyen
TRAN THI HOA | person | Thi Hoa Tran
GARCIA LOPEZ MARIA | person | Lopez Maria Garcia
D'ARBONNE PIERRE | person | Pierre D'Arbonne
ST. ROMAIN, CECILE | person | Cecile St. Romain
STE MARIE LOUISE | person | Louise Ste. Marie
DE SOTO ANNA M | person | Anna M. De Soto
LA FLEUR EVELYN | person | Evelyn La Fleur
MAC ARTHUR DOUGLAS | person | Douglas Mac Arthur
VON BRAUN KARL | person | Karl Von Braun
FITZGERALD-JONES KATE | person | Kate Fitzgerald-Jones
LE BOEUF MARIE & JOHN | couple | Marie Le Boeuf, John Le Boeuf
SMITH J ROBERT | person | J. Robert Smith
SMITH A | person | A. Smith
ESTATE OF MARY B LANDRY | estate | Mary B. Landry
EST OF JOHN DOE | estate | John Doe
LANDRY MARY DECD | estate | Mary Landry
LANDRY MARY (DECEASED) | estate | Mary Landry
SUCCESSION OF JEAN BOUDREAUX | estate | Jean Boudreaux
SUCC OF BOUDREAUX JEAN P | estate | Jean P. Boudreaux
UNOPENED SUCCESSION OF PAUL HEBERT | estate | Paul Hebert
THE ESTATE OF JOHN SMITH C/O MARY SMITH | estate | John Smith | MARY SMITH
UNKNOWN HEIRS OF PAUL HEBERT | heirs | Paul Hebert
HEBERT PAUL HEIRS | heirs | Paul Hebert
HEBERT PAUL (HEIRS OF) | heirs | Paul Hebert
ROBIN ANNA USUFRUCTUARY | life_estate | Anna Robin
ROBIN ANNA (USUF) & ROBIN PAUL (NAKED OWNER) | life_estate | Anna Robin, Paul Robin
HAYNES CHARLES RUSSELL LIFE | life_estate | Charles Russell Haynes
HAYNES BEVERLY LIFE TENANT | life_estate | Beverly Haynes
SMITH FAMILY TRUST | trust
JONES MARY TRUSTEE | trust | Mary Jones
JONES MARY TTEE | trust | Mary Jones
SMITH JOHN & MARY CO-TRUSTEES | trust | John Smith, Mary Smith
JOHN SMITH REVOCABLE TRUST | trust
TRUST OF ANNA LEE | trust
BROWN CHILDREN TRUST C/O WELLS FARGO | trust |  | WELLS FARGO
ACME LAND LLC | company
Acme, L.L.C. | company
BAYOU HOLDINGS INC | company
SMITH BROTHERS TIMBER LP | company
BATON ROUGE LAND CO | company
HANCOCK WHITNEY BANK | company
FARM BUREAU INSURANCE | company
SMITH & JONES LAW FIRM APLC | company
ROBERT LEE PROPERTIES | company
ACME LLC C/O SMITH JOHN | company |  | SMITH JOHN
COLLEGE TOWN L L C | company
FIRST BAPTIST CHURCH | church
ST JOSEPH CATHOLIC CHURCH | church
IGLESIA PENTECOSTAL | church
CHURCH WILLIAM | person | William Church
EAST BATON ROUGE PARISH SCHOOL BOARD | school
LOUISIANA STATE UNIVERSITY | school
PARISH OF EAST BATON ROUGE | government
CITY OF BATON ROUGE | government
BATON ROUGE CITY OF | government
STATE OF LOUISIANA | government
LOUISIANA DOTD | government
JEFFERSON DAVIS POLICE JURY | government
UNITED STATES OF AMERICA | government
U S A | government
HOUSING AUTHORITY OF EBR | government
ENTERGY LOUISIANA LLC | utility
BATON ROUGE WATER COMPANY | utility
SMITH JOHN AGENT | person | John Smith
DR SMITH JOHN MD | person | John Smith
SMITH JOHN (MRS) | person | John Smith
SMITH JOHN ; DOE JANE | couple | John Smith, Jane Doe
SMITH JOHN/MARY | couple | John Smith, Mary Smith
SMITH JOHN + MARY | couple | John Smith, Mary Smith
SMITH JOHN OR MARY | couple | John Smith, Mary Smith
SMITH JOHN &  | person | John Smith
& SMITH JOHN | person | John Smith
SMITH  JOHN   A | person | John A. Smith
smith john | person | John Smith
FISHER GEORGE A HELEN M | couple | George A. Fisher, Helen M. Fisher
SMITH JOHN ATTN TAX DEPT | person | John Smith | TAX DEPT
SMITH JOHN IN CARE OF MARY DOE | person | John Smith | MARY DOE
% SMITH JOHN | person | John Smith | SMITH JOHN
25% SMITH JOHN & 75% DOE JANE | couple | John Smith, Jane Doe
SMITH JOHN UND 1/2 INT | person | John Smith
BAPTISTE JEAN | person | Jean Baptiste
BANKS ROBERT | person | Robert Banks
PARISH THOMAS & MARGARET | couple | Thomas Parish, Margaret Parish
MARTIN GUSSIE | person | Gussie Martin
THOMAS JAMES | person | James Thomas
GEORGE PAUL | person | Paul George
MARY JONES | person | Mary Jones
WILLIAM H SMITH JR | person | William H. Smith Jr.
LEE LEE | person | Lee Lee
JONES MARY ANN & BILLY RAY | couple | Mary Ann Jones, Billy Ray Jones
??? | unknown
- | unknown
C/O | unknown
% | unknown
ET AL | unknown |  |  | et al
& & & | unknown
ESTATE OF | estate
JR | unknown
SMITH JOHN 😀 | person | John Smith
123 MAIN ST | unknown
SMITH 2 JOHN | unknown
"""
"""name | kind | people | in care of | and others"""


def rows():
    found = []
    for line in TABLE.strip().splitlines():
        cells = [cell.strip() for cell in line.split(" | ")]
        found.append((*cells, *[""] * (5 - len(cells))))
    return found


@pytest.mark.parametrize(("name", "kind", "people", "care_of", "others"), rows())
def test_an_owner_column_is_read_as_people(name, kind, people, care_of, others):
    parsed = parse_owner(name)

    assert (parsed.kind.value, ", ".join(map(str, parsed.people))) == (kind, people)
    assert (parsed.care_of, parsed.et_al) == (care_of, bool(others))


@pytest.mark.parametrize(
    ("name", "last", "first", "middle", "suffix"),
    [
        ("SMITH JOHN A JR", "Smith", "John", "A", "Jr."),
        ("VAN DER MEER JAN", "Van Der Meer", "Jan", "", ""),
        ("ESTATE OF MARY B LANDRY", "Landry", "Mary", "B", ""),
        ("ST PIERRE, MARY ANN", "St. Pierre", "Mary", "Ann", ""),
        ("O'NEAL-SMITH SEAN III", "O'Neal-Smith", "Sean", "", "III"),
        ("MCDONALD JAMES", "McDonald", "James", "", ""),
    ],
)
def test_the_parts_of_a_person(name, last, first, middle, suffix):
    assert parse_owner(name).people == ((last, first, middle, suffix),)


HOSTILE = ["", " ", "12345", "&" * 500, "A" * 500, "SMITH " * 100, "%%%%", "()()", "C/O C/O C/O", "\x00", "ET AL ET AL",
           "🏚️ 🏚️", "Robert'); DROP TABLE owners;--", ",", ", JOHN", "SMITH,", "/", "1/2", "ﷺ", "ß ß", "İ İ"]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_odd_input_is_read_without_an_error(name):
    parsed = parse_owner(name)

    assert isinstance(parsed.kind, Owner.Kind)
    assert len(parsed.people) <= 8


LETTERS = st.sampled_from(["SMITH", "JOHN", "A", "&", "AND", "ET AL", "C/O", "%", ",", "(LE)", "JR", "1/2", "OF",
                           "ESTATE", "DE", "ST", "O'NEAL", "MARY-ANN", "TRUSTEE", "LIFE", ";", "/", "é",
                           "-"])  # fmt: skip
NAMES = st.one_of(st.text(max_size=60), st.lists(LETTERS, max_size=10).map(" ".join))


@given(NAMES)
def test_every_word_of_a_person_stands_in_the_name(name):
    written = set(name_key(name.upper().replace("-", " ")).split())

    for person in parse_owner(name).people:
        words = name_key(" ".join((person.last, person.first, person.middle)).replace("-", " ").upper()).split()
        assert set(words) <= written


def test_letters_around_a_name_change_nothing():
    assert parse_owner(" smith  john a ") == parse_owner("SMITH JOHN A")


def test_people_are_read_from_the_name_where_none_are_stored():
    owner = Owner(name="SMITH JOHN A & MARY B")

    assert list(map(str, people_of(owner))) == ["John A. Smith", "Mary B. Smith"]
    read_name_of(owner)
    assert owner.people[1] == {"last": "Smith", "first": "Mary", "middle": "B", "suffix": ""}
    assert people_of(owner) == parse_owner(owner.name).people
