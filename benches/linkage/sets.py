"""The sets of records, and what their columns hold. Nothing here is known from the truth but the truth's own column."""

FEBRL = {
    "given": "given_name", "family": "surname", "date": "date_of_birth", "id": "soc_sec_id", "street": "address_1",
    "number": "street_number", "city": "suburb", "postcode": "postcode", "region": "state",
}
PSEUDOPEOPLE = {
    "given": "first_name", "middle": "middle_initial", "family": "last_name", "id": "ssn",
    "street": "mailing_address_street_name", "number": "mailing_address_street_number", "box": "mailing_address_po_box",
}

SETS = {
    "febrl4 with id": {"files": ["febrl4a.csv", "febrl4b.csv"], "columns": FEBRL, "truth": "cluster"},
    "febrl4 without id": {
        "files": ["febrl4a.csv", "febrl4b.csv"],
        "columns": {role: name for role, name in FEBRL.items() if role != "id"},
        "truth": "cluster", "spec": 'udelad = ["soc_sec_id"]\n',
    },
    "fake_1000": {
        "files": ["fake_1000.csv"], "truth": "cluster",
        "columns": {"given": "first_name", "family": "surname", "date": "dob", "city": "city", "email": "email"},
    },
    "w2 x 1040": {
        "files": ["pseudopeople/w2_2020.csv", "pseudopeople/tax1040_2020.csv"], "columns": PSEUDOPEOPLE,
        "truth": "simulant_id", "household": "household_id",
    },
}
