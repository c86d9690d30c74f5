package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
)

// Kubernetes' protobuf form of objects, which `kubectl create` sends from 1.32 on: the four bytes "k8s\0", then a
// runtime.Unknown whose raw bytes are the object (k8s.io/apimachinery/pkg/runtime/generated.proto).

type fieldKind int

const (
	stringField fieldKind = iota
	bytesField
	boolField
	integerField
	stringsField
	mapField      // of texts
	bytesMapField // of bytes, base64 in JSON
	messageField
)

type protobufField struct {
	name   string
	kind   fieldKind
	fields protobufMessage
}

// protobufMessage has a message's fields by number; others are skipped.
type protobufMessage map[uint64]protobufField

var objectMeta = protobufMessage{
	1: {name: "name"}, 2: {name: "generateName"}, 3: {name: "namespace"}, 11: {name: "labels", kind: mapField},
	12: {name: "annotations", kind: mapField}, 14: {name: "finalizers", kind: stringsField},
}

func withMetadata(fields protobufMessage) protobufMessage {
	fields[1] = protobufField{"metadata", messageField, objectMeta}
	return fields
}

var protobufMessages = map[string]protobufMessage{
	"Namespace":      withMetadata(protobufMessage{}),
	"ServiceAccount": withMetadata(protobufMessage{4: {name: "automountServiceAccountToken", kind: boolField}}),
	"ConfigMap": withMetadata(protobufMessage{
		2: {name: "data", kind: mapField}, 3: {name: "binaryData", kind: bytesMapField},
		4: {name: "immutable", kind: boolField},
	}),
	"Secret": withMetadata(protobufMessage{
		2: {name: "data", kind: bytesMapField}, 3: {name: "type"}, 4: {name: "stringData", kind: mapField},
		5: {name: "immutable", kind: boolField},
	}),
	"TokenRequest": withMetadata(protobufMessage{2: {"spec", messageField, protobufMessage{
		1: {name: "audiences", kind: stringsField}, 4: {name: "expirationSeconds", kind: integerField},
	}}}),
}

var errProtobuf = errors.New("not an object in protobuf that this stand-in reads")

// parseBody reads an object in either form.
func parseBody(body []byte) (object, error) {
	magic := []byte("k8s\x00")
	if !bytes.HasPrefix(body, magic) {
		return parse(body)
	}
	unknown, err := protobufMessage{
		1: {"type", messageField, protobufMessage{1: {name: "apiVersion"}, 2: {name: "kind"}}},
		2: {name: "raw", kind: bytesField},
	}.read(body[len(magic):])
	if err != nil {
		return nil, err
	}
	message, isKnown := protobufMessages[text(unknown, "type", "kind")]
	if !isKnown {
		return nil, errProtobuf
	}
	raw, err := base64.StdEncoding.DecodeString(text(unknown, "raw"))
	if err != nil {
		return nil, err
	}
	value, err := message.read(raw)
	if err == nil {
		value["apiVersion"], value["kind"] = text(unknown, "type", "apiVersion"), text(unknown, "type", "kind")
	}
	return value, err
}

func (m protobufMessage) read(data []byte) (object, error) {
	result := object{}
	for len(data) > 0 {
		tag, size := binary.Uvarint(data)
		if size <= 0 {
			return nil, errProtobuf
		}
		data = data[size:]
		number, size := binary.Uvarint(data)
		if size <= 0 {
			return nil, errProtobuf
		}
		data = data[size:]
		field, isKnown := m[tag>>3]
		switch tag & 7 {
		case 0:
			if isKnown && field.kind == boolField {
				result[field.name] = number != 0
			} else if isKnown {
				result[field.name] = number
			}
		case 2:
			if number > uint64(len(data)) {
				return nil, errProtobuf
			}
			content := data[:number]
			data = data[number:]
			if isKnown {
				if err := field.take(result, content); err != nil {
					return nil, err
				}
			}
		default:
			return nil, errProtobuf
		}
	}
	return result, nil
}

func (f protobufField) take(result object, content []byte) error {
	switch f.kind {
	case stringField:
		result[f.name] = string(content)
	case bytesField:
		result[f.name] = base64.StdEncoding.EncodeToString(content)
	case stringsField:
		result[f.name] = append(list(result[f.name]), string(content))
	case messageField:
		inner, err := f.fields.read(content)
		result[f.name] = inner
		return err
	case mapField, bytesMapField:
		value := protobufField{name: "value"}
		if f.kind == bytesMapField {
			value.kind = bytesField
		}
		entry, err := protobufMessage{1: {name: "key"}, 2: value}.read(content)
		if err != nil {
			return err
		}
		members, is := result[f.name].(object)
		if !is {
			members = object{}
			result[f.name] = members
		}
		members[text(entry, "key")] = text(entry, "value")
	}
	return nil
}
