"""Each kind of fault in a configuration: its file, line and column, and what to do about it."""

import os

import pytest
from canaries import CANARY_TOKEN

from bot.config.load import load
from bot.errors import ConfigError

BRAND = "name: Fjordfon\nnames: [Fjordfon]\naccounts:\n  replay:\n    - handle: fjordfon_hilft\n"
CONTACT = 'contacts:\n  - { topic: outage, language: de, value: "https://fjordfon.example/x" }\n'
SOURCE = "sources:\n  - kind: replay\n    name: s\n    file: p.jsonl\n    account: fjordfon_hilft\n"
MASTODON = "sources:\n  - kind: mastodon\n    name: m\n    server: s\n    account: a\n"
WATCH = "watch: outage\nany: [Fjordfon]\n"
TOPICS = "topics:\n  outage: [Störung]\n"
TEMPLATE = "template: t\nlanes: [help]\nlanguage: de\nwordings:\n  - "

ONE_FAULT = [
    # unknown keys
    (
        {"brand.yaml": BRAND + CONTACT + "languges: [de]\n"},
        "brand.yaml:8:1: Unknown key 'languges'. Did you mean 'languages'?",
    ),
    (
        {"platforms.yaml": SOURCE + "    polls: 3\n"},
        "platforms.yaml:6:5: Unknown key 'polls'. Known keys here: 'account', 'file', 'kind', 'map', 'name', 'posts",
    ),
    (
        {"brand.yaml": BRAND.replace("handle:", "handel:") + CONTACT},
        "brand.yaml:5:7: Key 'handle' is missing here.|brand.yaml:5:7: Unknown key 'handel'. Did you mean 'handle'?",
    ),
    # missing keys
    ({"brand.yaml": BRAND.removeprefix("name: Fjordfon\n") + CONTACT}, "brand.yaml:1:1: Key 'name' is missing here."),
    ({"platforms.yaml": SOURCE.replace("    file: p.jsonl\n", "")}, "platforms.yaml:2:5: Key 'file' is missing here."),
    ({"platforms.yaml": "sources:\n  - name: s\n"}, "platforms.yaml:2:5: Key 'kind' is missing here."),
    # wrong values
    (
        {"brand.yaml": BRAND + CONTACT + "address: ihr\n"},
        "brand.yaml:8:10: 'ihr' is not allowed here. Allowed: 'du', 'sie'.",
    ),
    (
        {"brand.yaml": BRAND + CONTACT + "accounts2: 1\n"},
        "brand.yaml:8:1: Unknown key 'accounts2'. Did you mean 'accounts'?",
    ),
    (
        {"brand.yaml": BRAND.replace("replay:", "mastadon:") + CONTACT, "platforms.yaml": "sources: []\n"},
        "brand.yaml:4:3: 'mastadon' is not allowed here. Did you mean 'mastodon'? Allowed: 'replay', 'mastodon',",
    ),
    (
        {"platforms.yaml": SOURCE.replace("kind: replay", "kind: mastadon")},
        "platforms.yaml:2:11: 'mastadon' is not allowed here. Did you mean 'mastodon'?",
    ),
    (
        {"brand.yaml": BRAND + CONTACT + "countdown_seconds: bald\n"},
        "brand.yaml:8:20: A whole number is expected here, not 'bald'.",
    ),
    ({"brand.yaml": BRAND + CONTACT + "countdown_seconds: 31\n"}, "brand.yaml:8:20: The number must be at most 30."),
    ({"brand.yaml": BRAND + CONTACT + "retention_days: 0\n"}, "brand.yaml:8:17: The number must be at least 1."),
    ({"brand.yaml": BRAND + CONTACT + "retention_days: 91\n"}, "brand.yaml:8:17: The number must be at most 90."),
    ({"brand.yaml": BRAND + CONTACT + "answered_days: 91\n"}, "brand.yaml:8:16: The number must be at most 90."),
    (
        {"brand.yaml": BRAND + CONTACT + "retention_days_on: { x: 0 }\n"},
        "brand.yaml:8:25: The number must be at least 1.",
    ),
    (
        {"brand.yaml": BRAND + CONTACT + "retention_days_on: { reddit: 3 }\n"},
        "brand.yaml:8:30: Reddit wants deleted posts gone within 48 hours: 2 days at most.",
    ),
    (
        {"brand.yaml": BRAND + CONTACT + "products: Fjordbox\n"},
        "brand.yaml:8:11: A list is expected here, such as [one, two]",
    ),
    ({"brand.yaml": BRAND + CONTACT + "signature: caret\n"}, "brand.yaml:8:12: Keys with values are expected here"),
    ({"brand.yaml": BRAND + CONTACT + "reply_languages: nl\n"}, "brand.yaml:8:18: Keys with values are expected here"),
    (
        {"brand.yaml": BRAND + CONTACT + "reply_languages: {Dutch: [de]}\n"},
        "brand.yaml:8:19: A language is written as two or three lower-case letters, such as de.",
    ),
    (
        {"brand.yaml": BRAND + CONTACT + "languages: [de, English]\n"},
        "brand.yaml:8:17: A language is written as two or three",
    ),
    (
        {"brand.yaml": BRAND.replace("name: Fjordfon", "name: [a]") + CONTACT},
        "brand.yaml:1:7: One text is expected here",
    ),
    ({"brand.yaml": BRAND.replace("name: Fjordfon", "name: ''") + CONTACT}, "brand.yaml:1:7: This text is empty."),
    (
        {"brand.yaml": BRAND.replace("name: Fjordfon", "name: " + "x" * 81) + CONTACT},
        "brand.yaml:1:7: This text is too long.",
    ),
    (
        {"brand.yaml": BRAND.replace("[Fjordfon]", "[]") + CONTACT},
        "brand.yaml:2:8: This list is too short. It needs at least 1.",
    ),
    ({"brand.yaml": "- a\n- b\n"}, "brand.yaml:1:1: Keys with values are expected here"),
    ({"templates/de.yaml": "just words\n"}, "templates/de.yaml:1:1: Keys with values are expected here"),
    (
        {"templates/de.yaml": "released: maybe\n" + TEMPLATE + "a\n"},
        "templates/de.yaml:1:11: Write true or false here.",
    ),
    (
        {"watches/outage.yaml": "watch: Störung\nany: [Fjordfon]\n"},
        "watches/outage.yaml:1:8: A watch name has lower-case letters",
    ),
    (
        {"templates/de.yaml": TEMPLATE.replace(" t\n", " T 1\n") + "a\n"},
        "templates/de.yaml:1:11: A template name has lower-case",
    ),
    # where sources may point, and what they may be called
    *(
        (
            {"platforms.yaml": SOURCE.replace("name: s\n", f'name: "{name}"\n')},
            "platforms.yaml:3:11: A source's name has",
        )
        for name in (".s", "..", "a/b", "a b", "ä", "poll:s", "x" * 41, "s\\n")
    ),
    *(
        (
            {"platforms.yaml": SOURCE.replace("p.jsonl", f"'{path}'")},
            "platforms.yaml:4:11: Write a path inside the conf",
        )
        for path in ("/etc/passwd", "../p.jsonl", "a/../../p", "C:\\p.jsonl", "\\p", "a\\..\\..\\p")
    ),
    *(
        (
            {"platforms.yaml": SOURCE + f"    timeline: {path}\n"},
            "platforms.yaml:6:15: Write a path inside the data fol",
        )
        for path in ("/etc/cron.d/x", "../keys/x")
    ),
    # duplicate keys and documents
    (
        {"triage.yaml": "threat_at: 1\nthreat_at: 2\n"},
        "triage.yaml:2:1: 'threat_at' stands here a second time, first in line 1.",
    ),
    ({"triage.yaml": "topics: {outage: [x]}\n---\ntopics: {}\n"}, "triage.yaml:3:1: This file holds one document."),
    # across files
    (
        {"watches/a.yaml": WATCH},
        "watches/outage.yaml:1:8: The watch name 'outage' is taken in watches/a.yaml, line 1. Choose another.",
    ),
    (
        {"templates/en.yaml": TEMPLATE.replace(" t\n", " outage\n") + "a\n"},
        "templates/en.yaml:1:11: The template name 'outage' is taken in templates/de.yaml, line 1. Choose another.",
    ),
    (
        {"platforms.yaml": SOURCE.replace("fjordfon_hilft", "fjordfon_hilf")},
        "platforms.yaml:5:14: brand.yaml has no replay account 'fjordfon_hilf'. Did you mean 'fjordfon_hilft'?",
    ),
    (
        {"platforms.yaml": SOURCE + SOURCE.removeprefix("sources:\n")},
        "platforms.yaml:7:11: A source named 's' stands above already. Choose another name.",
    ),
    (
        {"templates/de.yaml": TEMPLATE + '"Mehr: {contact:outtage}"\n'},
        "templates/de.yaml:5:5: brand.yaml has no contact for topic 'outtage' in language 'de'. Did you mean 'con",
    ),
    (
        {"templates/de.yaml": TEMPLATE + '"{nmae} hilft"\n'},
        "templates/de.yaml:5:5: Unknown placeholder 'nmae'. Did you mean 'name'? Known: 'contact:outage', ",
    ),
    (
        {"templates/de.yaml": TEMPLATE.replace("de\n", "fr\n") + "Bonjour\n"},
        "templates/de.yaml:3:11: The brand does not speak 'fr'. Languages in brand.yaml: 'de', 'en'.",
    ),
    (
        {"brand.yaml": BRAND + CONTACT + "reply_languages: {nl: [en, fr]}\n"},
        "brand.yaml:8:28: The brand does not speak 'fr'.",
    ),
    (
        {"brand.yaml": BRAND + CONTACT + "reply_languages: {nl: [en], td: [de]}\n"},
        "brand.yaml:8:33: Posts in 'td' cannot be told, so this line never counts. Known: 'af', 'ar', ",
    ),
    (
        {"brand.yaml": BRAND + CONTACT + "reply_languages: {tr: []}\n"},
        "brand.yaml:8:23: Name at least one language here, or remove the line: ",
    ),
    (
        {"brand.yaml": BRAND + CONTACT + "reply_languages: {tr: [de, de]}\n"},
        "brand.yaml:8:28: 'de' stands here twice.",
    ),
    (
        {"brand.yaml": BRAND + CONTACT + "timezone: Europe/Berln\n"},
        "brand.yaml:8:11: Unknown time zone 'Europe/Berln'. Did you mean 'Europe/Berlin'?",
    ),
    (
        {
            "brand.yaml": BRAND.replace("handle: fjordfon_hilft", "handle: '@fjordfon_hilft'") + CONTACT,
            "platforms.yaml": "sources: []\n",
        },
        "brand.yaml:5:15: Write the handle without @.",
    ),
    (
        {"templates/de.yaml": "topics: [outtage]\n" + TEMPLATE + "a\n"},
        "templates/de.yaml:1:10: triage.yaml has no topic 'outtage'. Did you mean 'outage'?",
    ),
    (
        {"watches/outage.yaml": WATCH + "topic: zzz\n"},
        "watches/outage.yaml:3:8: triage.yaml has no topic 'zzz'. Known: 'outage'.",
    ),
    (
        {"triage.yaml": "topics: {outage: [x]}\nurgent_topics: [outages]\n"},
        "triage.yaml:2:17: triage.yaml has no topic 'outages'. Did you mean 'outage'?",
    ),
    # templates
    (
        {"templates/de.yaml": TEMPLATE.replace("[help]", "[help, crisis]") + "a\n"},
        "templates/de.yaml:2:15: Nothing is prepared for lane 'crisis'. Allowed: 'abuse', 'complaint', ",
    ),
    (
        {"templates/de.yaml": "ladder: w1\n" + TEMPLATE + "a\n"},
        "templates/de.yaml:1:9: A text of the warning ladder has lanes: [abuse] and no topics.",
    ),
    (
        {"templates/de.yaml": "released: true\n" + TEMPLATE + "a\n  - b\n  - a\n"},
        "templates/de.yaml:6:3: A released template needs at least 3 different wordings.",
    ),
    (
        {"templates/de.yaml": TEMPLATE + '"Bis [wann"\n'},
        "templates/de.yaml:5:5: A bracket or brace has no partner here.",
    ),
    (
        {"templates/de.yaml": TEMPLATE + '"Hallo {name"\n'},
        "templates/de.yaml:5:5: A bracket or brace has no partner here.",
    ),
    # watches
    ({"watches/outage.yaml": "watch: w\nany: [Fjordfon, '']\n"}, "watches/outage.yaml:2:17: This text is empty."),
    ({"watches/outage.yaml": "watch: w\nany:\n  - Fjordfon\n  - '#'\n"}, "watches/outage.yaml:4:5: "),
    ({"watches/outage.yaml": "watch: w\nany:\n  - Fjordfon\n  - und\n"}, "watches/outage.yaml:4:5: "),
    ({"watches/outage.yaml": "watch: w\nall:\n  - [Fjordfon, a]\n"}, "watches/outage.yaml:3:16: "),
    ({"watches/outage.yaml": "watch: w\nany: [Fjordfon, ~der]\n"}, "watches/outage.yaml:2:17: "),
    (
        {"watches/outage.yaml": "watch: w\nany: [~Kabel]\n"},
        "watches/outage.yaml:1:1: This watch has no term that hears anything.",
    ),
    ({"watches/outage.yaml": "watch: w\n"}, "watches/outage.yaml:1:1: This watch has no term that hears anything."),
    ({"watches/outage.yaml": "watch: w\nall: [[]]\n"}, "watches/outage.yaml:2:7: This list is too short."),
    (
        {"watches/outage.yaml": "watch: w\nall: [Fjordfon, ~Kabel]\n"},
        "watches/outage.yaml:2:17: A term with ~ stands under 'any'. Move it there, or remove the ~.",
    ),
    ({"watches/outage.yaml": "watch: w\nany: [{a: b}]\n"}, "watches/outage.yaml:2:7: One text is expected here"),
    (
        {"watches/outage.yaml": "watch: w\nanny: [Fjordfon]\n"},
        "watches/outage.yaml:2:1: Unknown key 'anny'. Did you mean 'any'?",
    ),
    # examples of a watch
    (
        {"watches/outage.yaml": WATCH + "about: [Netz weg, Rechnung falsch, Hotline]\n"},
        "watches/outage.yaml:3:8: 'about' needs 'not_about' beside it. Write both lists, or neither.",
    ),
    (
        {"watches/outage.yaml": WATCH + "not_about: [Ein Fisch, Ein Boot, Ein Berg]\n"},
        "watches/outage.yaml:3:12: 'not_about' needs 'about' beside it. Write both lists, or neither.",
    ),
    (
        {"watches/outage.yaml": WATCH + "about: [a, b]\nnot_about: [d, e, f]\n"},
        "watches/outage.yaml:3:8: This list is too short. It needs at least 3.",
    ),
    (
        {"watches/outage.yaml": WATCH + "about: []\nnot_about: [d, e, f]\n"},
        "watches/outage.yaml:3:8: This list is too short. It needs at least 3.",
    ),
    (
        {"watches/outage.yaml": WATCH + f"about: [{', '.join(f'a{n}' for n in range(201))}]\nnot_about: [d, e, f]\n"},
        "watches/outage.yaml:3:8: This list is too long. At most 200 are allowed.",
    ),
    (
        {"watches/outage.yaml": WATCH + f"about: [a, b, {'x' * 301}]\nnot_about: [d, e, f]\n"},
        "watches/outage.yaml:3:15: This text is too long. At most 300 characters are allowed.",
    ),
    (
        {"watches/outage.yaml": WATCH + "about: [a, b, '?!']\nnot_about: [d, e, f]\n"},
        "watches/outage.yaml:3:15: This sentence has no word to learn from.",
    ),
    (
        {"watches/outage.yaml": WATCH + "about: [a, b, c]\nnot_about:\n  - d\n  - B.\n  - f\n"},
        "watches/outage.yaml:6:5: This sentence stands above already. Remove it in one place.",
    ),
    ({"watches/outage.yaml": WATCH + "about: Netz weg\nnot_about: [d, e, f]\n"}, "watches/outage.yaml:3:8: A list is"),
    (
        {"watches/outage.yaml": WATCH + "abuot: [a, b, c]\nnot_abuot: [d, e, f]\n"},
        "watches/outage.yaml:3:1: Unknown key 'abuot'. Did |watches/outage.yaml:4:1: Unknown key 'not_abuot'. Did you",
    ),
    # what the trained head may guess
    (
        {"triage.yaml": TOPICS + "topic_heads:\n  outage: [outage_fxed]\n"},
        "triage.yaml:4:12: 'outage_fxed' is not allowed here. Did you mean 'outage_fixed'?",
    ),
    (
        {"triage.yaml": TOPICS + "topic_heads:\n  outages: [outage_tv]\n"},
        "triage.yaml:4:12: triage.yaml has no topic 'outages'. Did you mean 'outage'?",
    ),
    (
        {"triage.yaml": TOPICS + "  tv: [Fernseher]\ntopic_heads:\n  outage: [outage_tv]\n  tv: [outage_tv]\n"},
        "triage.yaml:6:8: 'outage_tv' stands for topic 'outage' already. Remove it in one place.",
    ),
    ({"triage.yaml": TOPICS + "topic_at: 1001\n"}, "triage.yaml:3:11: The number must be at most 1000."),
    # files
    ({"triage.yaml": None}, "triage.yaml:1:1: This file is missing. Create it; 'earshot init' writes an example."),
    ({"triage.yaml": ""}, "triage.yaml:1:1: The file is empty."),
    ({"triage.yaml": "topics:\n  outage: [Störung]\n".encode("latin-1")}, "triage.yaml:2:14: This file is not UTF-8."),
    ({"triage.yaml": "#" * 1_000_001}, "triage.yaml:1:1: This file is larger than 1 MB."),
    ({"brands.yaml": "a: b\n"}, "brands.yaml:1:1: No file of this name is read here. Did you mean 'brand.yaml'?"),
    ({"watches/b.yml": WATCH}, "watches/b.yml:1:1: Only names ending in .yaml are read. Rename this file."),
]


@pytest.mark.parametrize(
    ("changes", "expected"), ONE_FAULT, ids=lambda value: value[:60] if isinstance(value, str) else ""
)
def test_each_fault_has_its_exact_place(faults, changes, expected):
    found = faults(changes)
    wanted = expected.split("|")
    assert len(found) == len(wanted), found
    for line, beginning in zip(found, wanted, strict=True):
        assert line.startswith(beginning)
        assert line.endswith((".", "?"))


def test_all_faults_of_all_files_come_at_once_in_reading_order(faults):
    found = faults(
        {
            "templates/de.yaml": TEMPLATE + "'{nmae}'\n",
            "watches/z.yaml": "watch: z\nany: [und]\n",
            "watches/a.yaml": "watch: a\ntopik: x\nany: ['']\n",
            "triage.yaml": "threat_at: x\nabuse_at: y\n",
            "brand.yaml": BRAND + CONTACT + "adress: du\n",
            "platforms.yaml": None,
        }
    )
    places = [line.split(": ")[0] for line in found]
    assert places == [
        "brand.yaml:8:1",
        "platforms.yaml:1:1",
        "triage.yaml:1:12",
        "triage.yaml:2:11",
        "watches/a.yaml:2:1",
        "watches/a.yaml:3:7",
        "watches/z.yaml:2:7",
    ]


def test_a_broken_file_is_not_held_against_the_others(faults):
    assert faults({"brand.yaml": "name: [\n"}) == [
        "brand.yaml:2:1: A value is missing before this place, or a bracket above it is not closed."
    ]


def test_a_folder_that_is_not_there_is_one_fault(tmp_path):
    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "gone")
    assert [problem.file for problem in caught.value.problems] == ["gone"]
    assert "earshot init" in str(caught.value)


def test_a_folder_with_the_name_of_a_file_cannot_be_read(write):
    folder = write({"triage.yaml": None})
    (folder / "triage.yaml").mkdir()
    with pytest.raises(ConfigError, match=r"triage.yaml:1:1: This file cannot be read: .*permissions"):
        load(folder)


def test_a_file_name_with_broken_letters_is_told_in_letters_that_print(write):
    folder = write()
    (folder / "watches" / os.fsdecode(b"st\xf6r.yaml")).write_text(WATCH)
    with pytest.raises(ConfigError) as caught:
        load(folder)
    assert str(caught.value).encode().startswith(b"watches/st\\udcf6r.yaml:1:1: This file name holds broken letters")


def test_the_locks_and_copies_of_editors_are_left_out(write):
    folder = write({"watches/.#outage.yaml": "not: valid", ".brand.yaml.swp": "x", "watches/notes.txt": "x"})
    assert len(load(folder).watches) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"platforms.yaml": MASTODON + f"    token: {CANARY_TOKEN}\n"},
        {"platforms.yaml": f"sources:\n  - kind: {CANARY_TOKEN}\n"},
        {"platforms.yaml": SOURCE.replace("fjordfon_hilft", CANARY_TOKEN)},
        {"platforms.yaml": SOURCE + f"    {CANARY_TOKEN}: x\n"},
        {"brand.yaml": BRAND + CONTACT + f"countdown_seconds: {CANARY_TOKEN}\n"},
        {"brand.yaml": BRAND + CONTACT + f"timezone: {CANARY_TOKEN}\n"},
        {"brand.yaml": BRAND + CONTACT + f'x: "{CANARY_TOKEN}\n'},
        {"brand.yaml": BRAND + CONTACT + f"{CANARY_TOKEN}: 1\n{CANARY_TOKEN}: 2\n"},
        {"templates/de.yaml": TEMPLATE + f'"{{{CANARY_TOKEN}}}"\n'},
        {"templates/de.yaml": TEMPLATE + f'"{{contact:{CANARY_TOKEN}}}"\n'},
        {"watches/outage.yaml": WATCH + f"topic: {CANARY_TOKEN}\n"},
    ],
)
def test_a_secret_in_the_wrong_place_is_never_repeated(faults, changes):
    assert all(CANARY_TOKEN not in line for line in faults(changes))


@pytest.mark.parametrize("secret", ["abcd-efgh-ijkl-mnop", "aBcdefghIjklmnop", "abcdefghijklmnopqrstuvwxyz"])
def test_a_secret_of_letters_alone_is_not_repeated_either(faults, secret):
    for changes in (
        {"platforms.yaml": SOURCE.replace("fjordfon_hilft", secret)},
        {"platforms.yaml": SOURCE + f"    {secret}: x\n"},
    ):
        assert all(secret not in line for line in faults(changes))


def test_a_token_in_the_file_is_answered_with_where_it_belongs(faults):
    source = "sources:\n  - {kind: mastodon, name: m, server: s, account: a, token: abc}\n"
    sentence = "Write the name of the secret here, such as EARSHOT_MASTODON_TOKEN, never the secret itself."
    assert faults({"platforms.yaml": source}) == [f"platforms.yaml:2:61: {sentence}"]
