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

// prefix is how what seal stores starts.
func (s sealer) prefix() []byte {
	if len(s) == 0 {
		return []byte{formatPlain}
	}
	return append([]byte{formatSealed}, s[0].name[:]...)
}

func (s sealer) seal(callback string, row []byte) []byte {
	if len(s) == 0 {
		return append(s.prefix(), callback...)
	}
	return s[0].aead.Seal(s.prefix(), nil, []byte(callback), row)
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

// reseal brings all stored callbacks under the first key, and makes sure that
// none is sealed with a key that is lost.
func (s *Server) reseal(ctx context.Context) error {
	return s.store.transact(ctx, func(t *tx) error {
		prefix := s.seal.prefix()
		stored, ids := map[int64][]byte{}, map[int64][]byte{}
		if err := t.each(func(r *sql.Rows) error {
			var pk int64
			var callback, id []byte
			err := r.Scan(&pk, &callback, &id)
			stored[pk], ids[pk] = callback, id
			return err
		}, "SELECT pk, callback, id_hash FROM subscriptions WHERE state < 2 AND substr(callback, 1, CAST(? AS INTEGER)) <> ?", len(prefix), prefix); err != nil {
			return err
		}
		for pk, sealed := range stored {
			callback, err := s.seal.open(sealed, ids[pk])
			if err != nil {
				return fmt.Errorf("open the callback of subscription %d: %w", pk, err)
			}
			if _, err := t.exec("UPDATE subscriptions SET callback = ? WHERE pk = ?", s.seal.seal(callback, ids[pk]), pk); err != nil {
				return err
			}
		}
		return nil
	})
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
