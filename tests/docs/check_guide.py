#!/usr/bin/env python3
"""The guide for people says what the screens say.

In docs/guide, bold is a text of the pages, whole ("…" stands for what is put in, a count in brackets may be left out);
tables of messages begin with words of Kyso's messages; each picture is shown and shows something. In the portal's other
pages, a quoted text with Vietnamese letters stands on a screen or in a message.

usage: check_guide.py        exit code 1 and a line for each thing that nobody finds on a screen
"""
import json
import re

from program import ROOT, finish

GUIDE = ROOT / "docs/guide"
QUOTING = ["docs/accounts.md", "docs/dossiers.md", "docs/operating.md", "docs/portal.md", "docs/vi/operating.md",
           "docs/vi/portal.md"]
MESSAGES = "| Thông báo |"


def leaves(value):
    return [value] if isinstance(value, str) else [leaf for inner in value.values() for leaf in leaves(inner)]


def texts_of_pages():
    files = (ROOT / "web/portal/src/i18n/locales/vi").glob("*.json")
    return [text for file in files for text in leaves(json.loads(file.read_text(encoding="utf-8")))]


def messages():
    """All error tables as one text, literals joined."""
    source = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "src/base/error_table").glob("*.inc"))
    return re.sub(r'"\s*"', "", source)


def with_dots(text):
    """"Thêm {{count}} dòng vào hồ sơ" as the guide writes it."""
    return re.sub(r"\{+\w+\}+", "…", text).strip().removesuffix(":")


def without_code(text):
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.S)


def check_guide(pages, said):
    problems, shown, seen = [], set(), 0
    known = {with_dots(text) for text in pages}
    known |= {text.removesuffix(" (…)") for text in known}
    everything = "\n".join([*known, with_dots(said)])
    for path in sorted(GUIDE.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(ROOT)
        bold = re.findall(r"\*\*(.+?)\*\*", without_code(text), re.S)
        seen += len(bold)
        problems += [f"{name}: no page says **{words}**" for words in bold if words not in known]
        for table in re.findall(rf"^{re.escape(MESSAGES)}.*\n\|[-|]+\|\n((?:\|.*\n)+)", text, re.M):
            cells = [row.split("|")[1].strip() for row in table.splitlines()]
            seen += len(cells)
            problems += [f"{name}: no message says “{words}”" for words in cells if words not in everything]
        pictures = set(re.findall(r"!\[[^\]]+\]\((pictures/[^)]+)\)", text))
        shown |= {GUIDE / picture for picture in pictures}
    taken = set((GUIDE / "pictures").glob("*.png"))
    problems += [f"there is no {path.relative_to(ROOT)}" for path in sorted(shown - taken)]
    problems += [f"{path.relative_to(ROOT)} is shown nowhere" for path in sorted(taken - shown)]
    if seen < 80:
        problems.append("too few texts were found in docs/guide: is it written in another way?")
    return problems


def check_quotes(pages, said):
    everything = "\n".join([*pages, said]).casefold()
    return [f'{path}: neither a page nor a message says "{words}"' for path in QUOTING
            for words in re.findall(r'"([^"\n]+)"', without_code((ROOT / path).read_text(encoding="utf-8")))
            if re.search("[À-ỹ]", words) and words.casefold() not in everything]


def main():
    pages, said = texts_of_pages(), messages()
    finish(check_guide(pages, said) + check_quotes(pages, said))


main()
