"""What an authority may sign beyond the default: asked for before its root is trusted."""

from __future__ import annotations

from certs import ca_home, mint
from certs.authority import Authority
from certs.permitted import Permitted
from trust.session import Session, only_one_run
from trust.stores.ledger import Ledger

# Who typed make does not see the command that it runs.
_YES = "YES=1 make certs, or --yes"


def authority(session: Session) -> Authority:
    """The authority to be trusted, and its leaf; a new one for names that PERMIT adds.

    Asks first where that is more than was agreed to. Raises MintError, HostError.
    """
    settings, ledger = session.settings, session.ledger()
    there = ca_home.usable(settings)
    asked = question(settings.permit, there, ledger)
    if asked:
        session.ask(asked, _YES)
    if there and settings.permit.minus(there.permitted):
        # Not while another run writes the root that is there to stores, from its file.
        with only_one_run(session, ledger):
            ca_home.replace_authority(settings)
    return mint.ensure(settings)


def question(permit: Permitted, there: Authority | None, ledger: Ledger) -> str:
    """What is to be asked before the root is put into stores; empty: nothing.

    permit: PERMIT. there: the authority that is there. `make up` may have made it,
    and asks nothing, because it touches no store. What was written to a store
    once was agreed to.
    """
    missing = permit.minus(there.permitted) if there else []
    may = there.permitted if there else permit
    if missing:  # a new one loses nothing
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
