package main

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
