"""The cases, in the order of their ids. Each is a function of the server; it raises Failure, or gives a text when it
does not apply."""
import dataclasses

ALL = []


@dataclasses.dataclass
class Case:
    id: str
    level: str  # MUST, SHOULD, or KYSO: what no standard asks for and every server ought to do
    reference: str
    title: str
    body: object


def case(number, level, reference, title):
    def add(body):
        assert all(each.id != number for each in ALL), number
        ALL.append(Case(number, level, reference, title, body))
        return body
    return add


import cases_grant  # noqa: E402,F401
import cases_token  # noqa: E402,F401
import cases_refuse  # noqa: E402,F401
import cases_http  # noqa: E402,F401
