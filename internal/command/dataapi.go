package command

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/redshiftsim/redshiftsim"
	"github.com/redshiftsim/redshiftsim/dataapi"
)

// dataOptions are the flags of redshiftsim serve about the Data API.
type dataOptions struct {
	addr    string
	keys    []dataapi.AccessKey
	secrets map[string]dataapi.Secret
}

// flags adds them.
func (o *dataOptions) flags(fs *flag.FlagSet) {
	fs.StringVar(&o.addr, "data-api", "", "")
	fs.Func("data-api-key", "", o.addKey)
	fs.Func("data-api-secret", "", func(s string) error {
		name, user, ok := strings.Cut(s, "=")
		if !ok || name == "" || user == "" {
			return errors.New("it takes NAME=USER")
		}
		if o.secrets == nil {
			o.secrets = map[string]dataapi.Secret{}
		}
		o.secrets[name] = dataapi.Secret{User: user}
		return nil
	})
}

// addKey adds ID:SECRET.
func (o *dataOptions) addKey(s string) error {
	id, secret, ok := strings.Cut(s, ":")
	if !ok || id == "" || secret == "" {
		return errors.New("it takes ID:SECRET")
	}
	o.keys = append(o.keys, dataapi.AccessKey{ID: id, Secret: secret})
	return nil
}

// check says what is missing. Whoever can reach an address without keys would be believed.
func (o *dataOptions) check(trust bool) error {
	if o.addr == "" {
		if o.keys != nil || o.secrets != nil {
			return errors.New("--data-api-key and --data-api-secret need --data-api")
		}
		return nil
	}
	if s := os.Getenv("REDSHIFTSIM_DATA_API_KEY"); s != "" && o.keys == nil {
		if err := o.addKey(s); err != nil {
			return fmt.Errorf("REDSHIFTSIM_DATA_API_KEY: %w", err)
		}
	}
	switch {
	case o.keys != nil:
		return nil
	case !loopback(o.addr):
		return fmt.Errorf("--data-api: %s is not a loopback address: it needs --data-api-key or REDSHIFTSIM_DATA_API_KEY", o.addr)
	case !trust:
		return errors.New("--data-api: an access key is needed: --data-api-key or REDSHIFTSIM_DATA_API_KEY (on a loopback address --trust does without)")
	}
	return nil
}

// serve serves the API until end is called. Requests that name no database user act as user.
func (o *dataOptions) serve(ctx context.Context, cluster *redshiftsim.Cluster, config *tls.Config, user string, out io.Writer) (end func(), err error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", o.addr)
	if err != nil {
		return nil, err
	}
	scheme := "http"
	if config != nil {
		scheme, l = "https", tls.NewListener(l, config)
	}
	api := dataapi.New(cluster, dataapi.Options{Keys: o.keys, Secrets: o.secrets, DbUser: user})
	h := &http.Server{Handler: api, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: time.Minute}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = h.Serve(l) // it ends with Close
	}()
	fmt.Fprintf(out, "Data API at %s://%s\n", scheme, l.Addr())
	return func() {
		_ = api.Close() // statements that run are canceled
		_ = h.Close()
		<-done
	}, nil
}
