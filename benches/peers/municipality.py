"""What both peers know before the first row: the plan's period and key, and the catalogue's tables as an analyst keeps them."""
import csv, re, tomllib
from datetime import date
from pathlib import Path

CATALOGUE = Path(__file__).resolve().parents[2] / "src" / "catalogue" / "data"
COUNTING = ("Aktiv", "Igangværende", "Effektueret", "Godkendt", "Bevilget", "Visiteret", "Afsluttet")
RESIDENT, LEFT = ("01", "03", "05", "07"), ("70", "80", "90")
SYSTEMS = ("opus", "kmd", "ydelsesrefusion")
# Unit of a price and how often its quantity recurs -> how the amount is spread. An hour takes its frequency's unit.
UNITS = {"døgn": "dag", "dag": "dag", "uge": "uge", "ugentlig": "uge", "14 dage": "14-dage", "måned": "maaned", "månedlig": "maaned",
         "kvartal": "kvartal", "år": "aar", "årlig": "aar", "periode": "periode", "engang": "engang", "stk": "engang", "time": "time"}


def rows(name):
    with open(CATALOGUE / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def level(code):
    """0 a service, 1 an account group, 2 a function, 3 unknown: a posting tells no more than its account."""
    if code.startswith("ukendt-"):
        return 3
    return 0 if not code[0].isdigit() else 1 if "-" in code else 2


class Municipality:
    def __init__(self, world):
        self.world = Path(world)
        plan = tomllib.loads((self.world / "samkor.toml").read_text(encoding="utf-8"))
        self.first, self.last = (date.fromisoformat(plan["periode"][key]) for key in ("fra", "til"))
        self.reference = date.fromisoformat(plan["periode"].get("skaeringsdato", str(self.last)))
        self.key = (self.world / plan["noegle"]).read_bytes()
        self.top, self.min_services, self.min_departments = (plan["rangliste"][key] for key in ("antal", "min_ydelser", "min_afdelinger"))
        # code, department (none when unknown), purpose group, counts, level
        self.services = [(r["code"], None if r["department"] == "ukendt" else r["department"], r["purpose_group"], r["counts"] == "ja", level(r["code"]))
                         for r in rows("services.csv")]
        self.authority = [(r["code"], system, rank) for r in rows("purpose_groups.csv") for rank, system in enumerate(r["actual_sources"].split(","))]
        codes = {code.lower(): code for code, *_ in self.services}
        self.benefits = {("kmd", low): code for low, code in codes.items()} | {("manuel", low): code for low, code in codes.items()}
        for r in rows("benefit_names.csv"):
            for system in r["system"].split("|"):
                self.benefits.setdefault((system, r["name"].lower()), r["service"])
        self.accounts = {}
        for r in rows("accounts.csv"):
            digits = r["function"].replace(".", "")
            account = int(digits) if len(digits) == 9 else int(digits) * 10_000 + 1_000 + int(r["grouping"] or 0)
            self.accounts.setdefault(account, []).append((r["valid_from"] or "0001-01-01", r["valid_to"] or "9999-12-31", r["service"]))
        self.paragraphs = []
        for r in rows("paragraphs.csv"):
            for text in r["paragraph"].split("|"):
                for offer in r["offer"].split("|"):
                    self.paragraphs.append((self.paragraph(text, None), offer, r["valid_from"] or "0001-01-01", r["valid_to"] or "9999-12-31", r["service"]))

    def file(self, name):
        return str(self.world / "ind" / name)

    def account(self, account, year):
        """The service of an account (funktion, dranst, gruppering as nine digits) in an accounting year."""
        day = f"{year}-07-01"
        for key in (account, account // 1000 * 1000):
            for valid_from, valid_to, service in self.accounts.get(key, ()):
                if valid_from <= day <= valid_to:
                    return service
        return "ukendt-konto"

    def benefit(self, system, code, name):
        for text in (code, name):
            if text and (system, text.strip().lower()) in self.benefits:
                return self.benefits[system, text.strip().lower()]
        return "ukendt-ydelse"

    @staticmethod
    def paragraph(text, law):
        """`SEL § 52 a, stk. 3, nr. 7` -> (SEL, 52, a, 3, 7)."""
        found = re.fullmatch(r"\s*(?:([A-Z]+)\s+)?§?\s*(\d+)(?:\s+([a-z]))?(?:[, ]+stk\.?\s*(\d+))?(?:[, ]+nr\.?\s*(\d+))?\s*", text or "")
        if not found:
            return None
        own, section, letter, sub, number = found.groups()
        return own or law, int(section), letter, int(sub) if sub else 1 if number else None, int(number) if number else None

    def grant(self, system, paragraph, decision, offer, start):
        """The service of a grant: the longest paragraph that holds it, then the longest words of the offer."""
        law = "BL" if start.year >= 2024 and system == "dubu" else "SEL"
        wanted = self.paragraph(paragraph or decision, law)
        offer, day = offer.lower(), str(start)
        fits = [((rule[3] is not None) + (rule[4] is not None), len(words), service)
                for rule, words, valid_from, valid_to, service in self.paragraphs
                if wanted and rule[:3] == wanted[:3] and rule[3] in (None, wanted[3]) and rule[4] in (None, wanted[4])
                and words in offer and valid_from <= day <= valid_to]
        return max(fits)[2] if fits else "ukendt-paragraf"

    @staticmethod
    def spread(unit, frequency):
        unit, frequency = UNITS[(unit or "").lower()], UNITS[frequency.lower()] if frequency else None
        return frequency or unit
