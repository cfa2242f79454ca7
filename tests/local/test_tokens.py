"""Local tokens: what each role may do, and that they fit the keys of their own data directory only."""

from __future__ import annotations

from pathlib import Path

import jwt
import pytest

from local.__main__ import main
from local.home import Home, open_home
from local.tokens import AUDIENCE, ISSUER, make_token, public_key


def _claims(token: str, home: Home) -> dict[str, object]:
    claims: dict[str, object] = jwt.decode(token, public_key(home), algorithms=["RS256"], audience=AUDIENCE, issuer=ISSUER)
    return claims


def test_a_clerk_may_bill_and_take_money_but_not_change_settings(tmp_path: Path) -> None:
    """Permissions follow the role."""
    home = open_home(tmp_path)
    granted = _claims(make_token(home, "clerk"), home)["permissions"]
    assert granted == ["billing:read", "billing:write", "payments:write", "usage:write"]


def test_a_customer_token_names_its_customer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`token --role customer --customer acme` is bound to that customer and only reads."""
    assert main(["token", "--role", "customer", "--customer", "acme", "--data", str(tmp_path)]) == 0
    claims = _claims(capsys.readouterr().out.strip(), open_home(tmp_path))
    assert (claims["customer_id"], claims["permissions"]) == ("acme", ["billing:read"])


@pytest.mark.parametrize("arguments", [["--role", "customer"], ["--role", "clerk", "--customer", "acme"], ["--role", "king"]])
def test_role_and_customer_must_fit(arguments: list[str], tmp_path: Path) -> None:
    """A customer's token without a customer would be a staff token, and the other way round."""
    with pytest.raises(SystemExit) as stop:
        main(["token", *arguments, "--data", str(tmp_path)])
    assert stop.value.code == 2


def test_another_directory_does_not_accept_the_token(tmp_path: Path) -> None:
    """Every data directory has a key pair of its own, kept for good."""
    mine, theirs = open_home(tmp_path / "mine"), open_home(tmp_path / "theirs")
    token = make_token(mine, "admin")
    assert _claims(token, open_home(mine.root))["sub"] == "local-admin"
    with pytest.raises(jwt.InvalidSignatureError):
        _claims(token, theirs)
