package connector

import (
	"strings"
	"unicode"
)

// SpokenWords splits a name or a sentence into its words, in lower case but for
// acronyms: "new", "SMS", "received" of newSMSReceived or new_SMS_received.
func SpokenWords(name string) []string {
	shouts := name == strings.ToUpper(name)
	words := wordsOf(name)
	for i, w := range words {
		if isAcronym := !shouts && len(w) > 1 && w == strings.ToUpper(w); !isAcronym {
			words[i] = strings.ToLower(w)
		}
	}
	return words
}

// maxLabel is how many characters of a label makers see (Microsoft docs:
// "Connector string guidance").
const maxLabel = 80

// Label makes a label of a name, in title case and of at most 80 characters:
// "Order Id" of orderId or order_id. It is empty if there is no letter and no
// digit.
func Label(name string) string {
	words := wordsOf(name)
	for i, w := range words {
		runes := []rune(w)
		runes[0] = unicode.ToUpper(runes[0])
		words[i] = string(runes)
	}
	label := []rune(strings.Join(words, " "))
	return string(label[:min(len(label), maxLabel)])
}

// wordsOf splits a text at what is neither letter nor digit, and OrderCreated and
// newSMSReceived before the capitals that begin a word.
func wordsOf(text string) []string {
	var words []string
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' }) {
		runes := []rune(part)
		start := 0
		for i := 1; i < len(runes); i++ {
			endsAcronym := i+1 < len(runes) && unicode.IsUpper(runes[i-1]) && unicode.IsUpper(runes[i]) && unicode.IsLower(runes[i+1])
			isPlural := i+2 == len(runes) && runes[i+1] == 's'
			if unicode.IsUpper(runes[i]) && !unicode.IsUpper(runes[i-1]) || endsAcronym && !isPlural {
				words = append(words, string(runes[start:i]))
				start = i
			}
		}
		words = append(words, string(runes[start:]))
	}
	return words
}

// Squeeze leaves what counts when names are compared: letters and digits.
func Squeeze(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		if r >= 'A' && r <= 'Z' {
			return r - 'A' + 'a'
		}
		return -1
	}, name)
}
