package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"time"
)

// object is a JSON object as it came; numbers are json.Number.
type object = map[string]any

func parse(data []byte) (object, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	result, ok := value.(object)
	if !ok {
		return nil, fmt.Errorf("not a JSON object")
	}
	return result, nil
}

func clone(value any) any {
	switch value := value.(type) {
	case object:
		copied := make(object, len(value))
		for key, member := range value {
			copied[key] = clone(member)
		}
		return copied
	case []any:
		copied := make([]any, len(value))
		for index, element := range value {
			copied[index] = clone(element)
		}
		return copied
	default:
		return value
	}
}

func cloned(value object) object { return clone(value).(object) }

func equal(left, right any) bool { return reflect.DeepEqual(left, right) }

// member is the object at a path, empty when there is none.
func member(value object, path ...string) object {
	for _, name := range path {
		next, _ := value[name].(object)
		value = next
	}
	return value
}

func text(value object, path ...string) string {
	result, _ := member(value, path[:len(path)-1]...)[path[len(path)-1]].(string)
	return result
}

// metadata is the object's metadata, made when there is none.
func metadata(value object) object {
	found, ok := value["metadata"].(object)
	if !ok {
		found = object{}
		value["metadata"] = found
	}
	return found
}

func list(value any) []any {
	result, _ := value.([]any)
	return result
}

func now() string { return time.Now().UTC().Format(time.RFC3339) }

func randomText(length int, alphabet string) string {
	result := make([]byte, length)
	for index := range result {
		number, _ := rand.Int(rand.Reader, big.NewInt(int64(len(alphabet))))
		result[index] = alphabet[number.Int64()]
	}
	return string(result)
}

func newUID() string {
	bytes := make([]byte, 16)
	rand.Read(bytes)
	bytes[6], bytes[8] = bytes[6]&0x0f|0x40, bytes[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", bytes[0:4], bytes[4:6], bytes[6:8], bytes[8:10], bytes[10:16])
}
