"""Where pyHanko and pdfsig see something else than Kyso; docs/verify-deviations.md argues each reason."""

# Sample → {(judge, field, aspect): reason}
SAMPLES = {}

# The same for what Kyso signed.
SIGNED = {}

# Beginning of case names → ("stricter" | "more open" than pyHanko, reason)
CASES = {}
