#!/usr/bin/env python3
"""A real SMTP server for tests (aiosmtpd): takes letters, reads them with Python's own mail parser and writes each as
JSON into FOLDER/mail. Three doors: plain, STARTTLS, and TLS from the first byte with user `tongban`, password `secret`.

    smtp.py FOLDER     prints the three addresses once it listens, one a line, and runs until it is ended
"""

import asyncio
import itertools
import json
import os
import ssl
import sys
from email import message_from_bytes, policy
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult


count = itertools.count(1)


class Letters:
    """Keeps what arrives; nobody called `nobody` lives here."""

    def __init__(self, folder: Path, door: str) -> None:
        self.folder, self.door = folder, door

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody"):
            return f"550 5.1.1 <{address}>: no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        letter = message_from_bytes(envelope.content, policy=policy.default)
        kept = {
            "door": self.door, "signed_in": bool(session.authenticated),
            "sender": envelope.mail_from, "recipients": envelope.rcpt_tos, "message_id": letter["message-id"],
            "subject": letter["subject"], "from": letter["from"], "to": letter["to"], "date": letter["date"],
            "text": letter.get_body(("plain",)).get_content(),
        }
        name = self.folder / f"{self.door}-{next(count):04}.json"
        name.with_suffix(".part").write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
        os.replace(name.with_suffix(".part"), name)
        return "250 2.0.0 kept"


def known(server, session, envelope, mechanism, data) -> AuthResult:
    fits = (data.login, data.password) == (b"tongban", b"secret")
    # Not handled: the server itself answers the one who guessed.
    return AuthResult(success=fits, handled=False)


async def serve(folder: Path) -> None:
    mail = folder / "mail"
    mail.mkdir(parents=True, exist_ok=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    loop = asyncio.get_running_loop()
    plain = await loop.create_server(lambda: SMTP(Letters(mail, "plain"), hostname="localhost"), "127.0.0.1", 0)
    guarded = {"authenticator": known, "auth_required": True, "auth_require_tls": False}
    sealed = await loop.create_server(
        lambda: SMTP(Letters(mail, "sealed"), hostname="localhost", **guarded), "127.0.0.1", 0, ssl=context
    )
    upgraded = await loop.create_server(
        lambda: SMTP(Letters(mail, "upgraded"), hostname="localhost", tls_context=context, require_starttls=True),
        "127.0.0.1", 0,
    )
    ports = [server.sockets[0].getsockname()[1] for server in (plain, sealed, upgraded)]
    print(f"smtp://127.0.0.1:{ports[0]}")
    print(f"smtp://localhost:{ports[2]}?tls=required")
    print(f"smtps://tongban:secret@localhost:{ports[1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
