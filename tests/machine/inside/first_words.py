"""Run in the machine: sends a text to the stack whose root is the file ROOT, prints the reply."""

from __future__ import annotations

import asyncio
import ssl
import sys

from websockets import connect


async def echo() -> None:
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trust.load_verify_locations(sys.argv[1])
    async with asyncio.timeout(10), connect("wss://localhost:8443/ws", ssl=trust) as client:
        await client.send("first words")
        print(await client.recv())


asyncio.run(echo())
