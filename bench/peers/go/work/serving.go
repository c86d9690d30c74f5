package work

import (
	"crypto/tls"
	"flag"
	"fmt"
	"net"
	"os"
	"runtime"
)

// Options are the flags that every peer takes.
type Options struct {
	Listen, Certificate, KeyFile, Tokens, Store, Key string
	ValueSize                                        int
}

// ParseOptions reads the flags of the command line.
func ParseOptions() Options {
	var o Options
	flag.StringVar(&o.Listen, "listen", "127.0.0.1:0", "`host:port` to listen at")
	flag.StringVar(&o.Certificate, "tls-cert", "", "PEM `file` with the certificate")
	flag.StringVar(&o.KeyFile, "tls-key", "", "PEM `file` with its key")
	flag.StringVar(&o.Tokens, "tokens", "", "`file` with a verified token on each line")
	flag.StringVar(&o.Store, "store", "bench", "name of the store")
	flag.StringVar(&o.Key, "key", "key-0", "name of its one secret")
	flag.IntVar(&o.ValueSize, "value-size", 64, "bytes of the secret's value")
	flag.Parse()
	return o
}

// Serve runs one peer on one core: it listens with TLS 1.3 for the one protocol, says where, and hands the listener on.
func Serve(protocol string, serve func(*Federation, net.Listener) error) {
	// Go would use every core of the machine; a pinned process with more threads than cores only loses time.
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(1)
	}
	if err := listenAndServe(protocol, serve); err != nil {
		fmt.Fprintln(os.Stderr, os.Args[0]+":", err)
		os.Exit(1)
	}
}

func listenAndServe(protocol string, serve func(*Federation, net.Listener) error) error {
	o := ParseOptions()
	federation, err := NewFederation(o)
	if err != nil {
		return err
	}
	certificate, err := tls.LoadX509KeyPair(o.Certificate, o.KeyFile)
	if err != nil {
		return err
	}
	listener, err := tls.Listen("tcp", o.Listen, &tls.Config{
		Certificates: []tls.Certificate{certificate},
		MinVersion:   tls.VersionTLS13,
		NextProtos:   []string{protocol},
	})
	if err != nil {
		return err
	}
	fmt.Printf("ready listen=%s\n", listener.Addr())
	return serve(federation, listener)
}
