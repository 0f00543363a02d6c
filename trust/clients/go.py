"""Go: it reads the system's store; its TLS carries the bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trust.clients import processes, programs
from trust.clients.base import Cause, Proof, Target
from trust.commands import Runner

# The first one compiles the standard library into the user's build cache.
_TIMEOUT = 180.0

_PROGRAM = """package main

import (
	"bytes"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"time"
)

func end(why interface{}) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(1)
}

func main() {
	port, text := os.Args[1], os.Args[3]
	said, _ := hex.DecodeString(os.Args[4] + os.Args[5])
	reply, _ := hex.DecodeString(os.Args[6])
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	connection, err := tls.DialWithDialer(dialer, "tcp", "localhost:"+port, nil)
	if err != nil {
		end(err)
	}
	connection.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err = connection.Write(said); err != nil {
		end(err)
	}
	answer, piece := []byte{}, make([]byte, 4096)
	for !bytes.Contains(answer, reply) {
		length, err := connection.Read(piece)
		if err != nil {
			end("the echo did not come: " + err.Error())
		}
		answer = append(answer, piece[:length]...)
	}
	fmt.Println(text)
}
"""


@dataclass(frozen=True)
class Go:
    path: str
    version: str
    kind: str = "go"
    name: str = "Go"

    def prove(self, target: Target, runner: Runner) -> Proof:
        # Nothing is downloaded, neither a module nor a toolchain; without cgo no
        # C compiler is needed.
        env = {"GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOTOOLCHAIN": "local"}
        env |= {"GOWORK": "off", "CGO_ENABLED": "0"}
        return programs.prove(
            runner,
            target,
            (self.path, "run", "echo.go"),
            "echo.go",
            _PROGRAM,
            Cause.STORE,
            env=env,
            timeout=_TIMEOUT,
            marks=("x509:", "tls:"),
        )


def find(_: Mapping[str, str], runner: Runner, __: Path) -> Sequence[Go]:
    path = runner.which("go")
    return [Go(path, processes.version(runner, path, "version"))] if path else []
