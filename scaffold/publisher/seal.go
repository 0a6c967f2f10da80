package publisher

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
)

// sealer encrypts callback URLs in the database, with AES-GCM. The first key
// seals and all of them open, so that a key can be changed while old rows are
// there. Each text is bound to its row.
type sealer []sealKey

type sealKey struct {
	name [4]byte // tells keys apart: the start of the key's hash
	aead cipher.AEAD
}

func newSealer(keys []string) (sealer, error) {
	var s sealer
	for _, text := range keys {
		key, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(key) != 32 {
			return nil, errors.New("SEAL_KEYS: a key is the base64 of 32 bytes: openssl rand -base64 32")
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, err
		}
		hash := sha256.Sum256(key)
		s = append(s, sealKey{[4]byte(hash[:4]), aead})
	}
	return s, nil
}

// A stored callback starts with 0 if it is plain, with 1 and the name of its
// key if it is sealed.
const (
	formatPlain byte = iota
	formatSealed
)

func (s sealer) seal(callback string, row []byte) []byte {
	if len(s) == 0 {
		return append([]byte{formatPlain}, callback...)
	}
	return s[0].aead.Seal(append([]byte{formatSealed}, s[0].name[:]...), nil, []byte(callback), row)
}

var errSealed = errors.New("it is sealed with a key that is not among SEAL_KEYS")

func (s sealer) open(stored, row []byte) (string, error) {
	if len(stored) > 0 && stored[0] == formatPlain {
		return string(stored[1:]), nil
	}
	for _, k := range s {
		if len(stored) >= 5 && [4]byte(stored[1:5]) == k.name {
			text, err := k.aead.Open(nil, nil, stored[5:], row)
			return string(text), err
		}
	}
	return "", errSealed
}

// isCurrent reports whether a callback is stored as seal would store it now.
func (s sealer) isCurrent(stored []byte) bool {
	if len(s) == 0 {
		return stored[0] == formatPlain
	}
	return len(stored) >= 5 && stored[0] == formatSealed && [4]byte(stored[1:5]) == s[0].name
}

// reseal brings all stored callbacks under the first key, and makes sure that
// none is sealed with a key that is lost.
func (s *Server) reseal(ctx context.Context) error {
	type row struct {
		pk             int64
		stored, idHash []byte
	}
	for after, read := int64(0), 1; read > 0; {
		var rows []row
		read = 0
		result, err := s.store.read.QueryContext(ctx, s.store.rebind("SELECT pk, callback, id_hash FROM subscriptions WHERE pk > ? AND state < 2 ORDER BY pk LIMIT 1000"), after)
		if err := eachRow(result, err, func(r *sql.Rows) error {
			var next row
			err := r.Scan(&next.pk, &next.stored, &next.idHash)
			after, read = next.pk, read+1
			if err == nil && !s.seal.isCurrent(next.stored) {
				rows = append(rows, next)
			}
			return err
		}); err != nil {
			return err
		}
		if err := s.store.transact(ctx, func(t *tx) error {
			for _, r := range rows {
				callback, err := s.seal.open(r.stored, r.idHash)
				if err != nil {
					return fmt.Errorf("open the callback of subscription %d: %w", r.pk, err)
				}
				if _, err := t.exec("UPDATE subscriptions SET callback = ? WHERE pk = ?", s.seal.seal(callback, r.idHash), r.pk); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// hashCallback tells whether two callbacks are the same without keeping them.
func (s *Store) hashCallback(callback string) []byte {
	mac := hmac.New(sha256.New, s.hashKey)
	_, _ = mac.Write([]byte(callback))
	return mac.Sum(nil)
}

// newID makes the id in a Location: 160 random bits, as whoever knows it may
// unregister.
func newID() string {
	id := make([]byte, 20)
	_, _ = rand.Read(id) // never fails
	return base64.RawURLEncoding.EncodeToString(id)
}

func hashID(id string) []byte {
	hash := sha256.Sum256([]byte(id))
	return hash[:]
}
