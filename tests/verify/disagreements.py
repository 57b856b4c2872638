"""Where pyHanko and pdfsig see something else than Kyso; docs/verify-deviations.md argues each reason."""

# Sample → {(judge, field, aspect): reason}
SAMPLES = {
    "pyhanko/pades-lta-dss-indirect-arrs-test.pdf": {
        ("pdfsig", "Timestamp-977301ad-bec9-4cae-a0cd-f6a674c6e465", "intact"): "time-stamps-in-pdfsig"},
}

# The same for what Kyso signed.
SIGNED = {
    **{name: {("pyhanko", "*", "refused"): "hybrid-files"}
       for name in ("pyhanko/minimal-hybrid-xref.pdf", "pyhanko/minimal-hybrid-xref-mswordstyle.pdf",
                    "own/hybrid-update.pdf")},
    "own/pdf20-offset-start.pdf": {("pyhanko", "*", "refused"): "header-not-first"},
}

STRICTER, OPENER = "stricter", "more open"

# Beginning of case names → (Kyso is stricter or more open than pyHanko, reason)
CASES = {
    # Kyso refuses or leaves open what pyHanko accepts.
    "c2": (STRICTER, "unsigned-holes"),
    "c11": (STRICTER, "bytes-behind-the-signature"),
    "c12e-certified": (STRICTER, "keys-twice"),
    "c13a": (STRICTER, "object-twice"),
    "c14g": (STRICTER, "removed-signatures"),
    "c16": (STRICTER, "equal-field-names"),
    "c17": (STRICTER, "bytes-after-the-end"),
    "c20": (STRICTER, "form-values-and-pictures"),
    "c21g": (STRICTER, "document-title"),
    "c24": (STRICTER, "broken-object-streams"),
    "c25": (STRICTER, "wrong-entries"),
    "c27h": (STRICTER, "encryption-dropped"),
    "c28": (STRICTER, "certification-rules"),
    "a0-12": (STRICTER, "pictures-over-text"),
    "a0-13": (STRICTER, "pictures-over-text"),
    **{f"a{permission}-14": (STRICTER, "pictures-over-text") for permission in (0, 2, 3)},
    **{f"a{permission}-17": (STRICTER, "imitated-pictures") for permission in (2, 3)},
    "c30": (STRICTER, "cms-rules"),
    "c32": (STRICTER, "revocation-must-be-known"),
    # Kyso accepts what pyHanko refuses.
    "c9-type-null": (OPENER, "optional-type"),
    "c10a": (OPENER, "digits-and-blanks"),
    "c12f": (OPENER, "keys-twice-elsewhere"),
    "c12g-twin": (OPENER, "keys-twice-elsewhere"),
    "c15a": (OPENER, "two-fields-one-signature"),
    "c20a4": (OPENER, "radio-buttons"),
    "c23": (OPENER, "hybrid-files"),
    "c26": (OPENER, "header-not-first"),
    "c28h": (OPENER, "permission-by-default"),
    "c28i3": (OPENER, "permission-by-default"),
    "c29a-": (OPENER, "equal-values-in-locked-fields"),
    "a3-07": (OPENER, "annotations-at-p3"),
    "a3-10": (OPENER, "annotations-at-p3"),
    **{f"a{permission}-20-apart": (OPENER, "widget-apart") for permission in (0, 2, 3)},
    "c30-unsorted-signed-as-der": (OPENER, "attributes-in-another-order"),
    "c30-time-stamp-elsewhere": (OPENER, "useless-time-stamps"),
    "c31": (OPENER, "proofs-of-existence"),
    "c32g3": (OPENER, "proofs-of-existence"),
}
