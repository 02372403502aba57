"""Makes up records of persons with damage, some of them twice: people.py RECORDS OUT [SEED].

Persons live in households that share address and, most of them, family name. Three in ten persons stand twice, the second
time as somebody else would have written it: misspelt names, swapped day and month, another house number, fields left out.
The column `person` is the truth; its heading tells samkor nothing, so it is never compared.
"""

import random
import sys

records, out, seed = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1
rng = random.Random(seed)

SYLLABLES = "an ber cla dor el fri gun han in jo ka lis ma ni os per ras sø to ul vil åse mik kir ste bo lau em no so fre".split()
ENDS = "a e us ine er ette o mund fred ia is an".split()
STEMS = "holm kjær lund møl nør over poul ravn skov thom ud vester win bæk dahl ene friis gade hald juhl bro sten berg ager".split()
TAILS = "sen gaard strup er lev bjerg dal rup".split()
ROADS = "vej gade stræde allé vænget parken toften bakken".split()
given = list(dict.fromkeys(a + b + c for a in SYLLABLES for b in ("", "li", "ra", "na") for c in ENDS))
family = list(dict.fromkeys(a + b for a in STEMS for b in TAILS)) + [a + b + "sen" for a in STEMS for b in STEMS]
roads = [a + b + c for a in STEMS for b in ("", "e", "s") for c in ROADS]
towns = [(f"{4000 + 17 * number % 5900}", STEMS[number % 24].capitalize() + "by " + "ABCDEFGHIJ"[number // 24 % 10]) for number in range(200)]


def common_first(words):
    """Weights as names have them: the n-th is about one n-th as common as the first."""
    total, sums = 0.0, []
    for place in range(len(words)):
        total += 1 / (place + 8)
        sums.append(total)
    return sums


GIVEN, FAMILY = common_first(given), common_first(family)
LETTERS = "abcdefghijklmnopqrstuvwxyzæøå"


def misspell(word):
    if len(word) < 3:
        return word
    place, way = rng.randrange(1, len(word) - 1), rng.randrange(4)
    if way == 0:
        return word[:place] + word[place + 1:]
    if way == 1:
        return word[:place] + rng.choice(LETTERS) + word[place + 1:]
    if way == 2:
        return word[:place] + word[place + 1] + word[place] + word[place + 2:]
    return word.replace("ø", "oe").replace("å", "aa").replace("æ", "ae")


def again(row):
    name, last, date, road, number, postcode, town = row
    if rng.random() < 0.12:
        name = misspell(name)
    if rng.random() < 0.12:
        last = misspell(last)
    if rng.random() < 0.04:
        last = rng.choices(family, cum_weights=FAMILY)[0].capitalize()
    if rng.random() < 0.05:
        day, month, year = date.split("-")
        date = f"{month}-{day}-{year}" if int(day) <= 12 else f"{day}-{month}-{int(year) + rng.choice((-1, 1, 10))}"
    if rng.random() < 0.05:
        date = ""
    if rng.random() < 0.10:
        road, number = rng.choice(roads).capitalize(), str(rng.randrange(1, 200))
    if rng.random() < 0.05:
        postcode = ""
    return name, last, date, road, number, postcode, town


rows = []
person = 0
while len(rows) < records:
    members = rng.choices((1, 2, 3, 4, 5), (38, 33, 11, 12, 6))[0]
    road, number = rng.choice(roads).capitalize(), str(rng.randrange(1, 200))
    postcode, town = rng.choice(towns)
    shared = rng.choices(family, cum_weights=FAMILY)[0].capitalize()
    for member in range(members):
        last = shared if rng.random() < 0.8 else rng.choices(family, cum_weights=FAMILY)[0].capitalize()
        name = rng.choices(given, cum_weights=GIVEN)[0].capitalize()
        date = f"{rng.randrange(1, 29):02}-{rng.randrange(1, 13):02}-{rng.randrange(1935, 2020)}"
        row = (name, last, date, road, number, postcode, town)
        person += 1
        rows.append((person, row))
        if rng.random() < 0.3:
            rows.append((person, again(row)))
del rows[records:]
rng.shuffle(rows)
with open(out, "w", encoding="utf-8", newline="") as file:
    file.write("id,fornavn,efternavn,fødselsdato,vejnavn,husnr,postnr,by,person\n")
    for place, (person, row) in enumerate(rows):
        file.write(f"r{place},{','.join(row)},p{person}\n")
