"""Asks the user before an authority is trusted that may sign more than the default."""

from __future__ import annotations

from certs import ca_home, mint
from certs.authority import Authority
from certs.permitted import Permitted
from trust.session import Session, only_one_run
from trust.stores.ledger import Ledger

# Both ways to answer yes: a user of make does not see the command that make runs.
_YES = "YES=1 make certs, or --yes"


def authority(session: Session) -> Authority:
    """The authority to be trusted; a new one, with its leaf, if PERMIT adds names.

    Asks first if the user has not agreed to all of them yet. Raises MintError, HostError.
    """
    settings, ledger = session.settings, session.ledger()
    there = ca_home.usable(settings)
    asked = question(settings.permit, there, ledger)
    if asked:
        session.ask(asked, _YES)
    if there and settings.permit.minus(there.permitted):
        # Another run may just be writing the old root to stores, from its file.
        with only_one_run(session, ledger):
            ca_home.replace_authority(settings)
    return mint.ensure(settings)


def question(permit: Permitted, there: Authority | None, ledger: Ledger) -> str:
    """The question to ask before the root is put into stores; empty if there is none.

    permit: PERMIT. there: the present authority. `make up` may have made it without a
    question, because `make up` touches no store. A root that is in the ledger needs no
    question: the user agreed when it was written.
    """
    missing = permit.minus(there.permitted) if there else []
    may = there.permitted if there else permit
    if missing:  # a new authority may sign all that the old one may
        may = may.union(permit)
    wide = may.minus(there.permitted if there and _known(there, ledger) else Permitted())
    if not wide:
        return ""
    names = ", ".join(wide)
    danger = "anybody who has its key can sign those names for the programs of this machine."
    tops = [name for name in wide if name in may.names and "." not in name]
    if tops:
        danger += f" That is every name under {' and '.join(tops)}."
    if there and missing:
        can = "can" if wide == missing else f"can sign {names}"
        return (
            f"The authority {there.name} may not sign {', '.join(missing)}. A new one {can}: its "
            f"root takes the old one's place in every store, and {danger} Make it?"
        )
    which = f"The authority {there.name}" if there else "A new authority"
    return (
        f"{which} may sign {names}, besides local names and private addresses. Once its root is "
        f"in the stores, {danger} Go on?"
    )


def _known(authority: Authority, ledger: Ledger) -> bool:
    sha256 = authority.fingerprint.replace(":", "").lower()
    return any(entry.sha256 == sha256 for entry in ledger)
