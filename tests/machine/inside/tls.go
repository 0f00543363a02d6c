// Run in the machine: does Go, as it is, accept host:port?

package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"os"
)

func main() {
	for _, target := range os.Args[1:] {
		words := ""
		connection, err := tls.Dial("tcp", target, nil)
		if err == nil {
			connection.Close()
		} else {
			// Anything but the certificate is no answer to the question.
			var refused *tls.CertificateVerificationError
			if !errors.As(err, &refused) {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			words = refused.Error()
		}
		fmt.Printf("{\"target\": %q, \"accepted\": %t, \"words\": %q}\n", target, words == "", words)
	}
}
