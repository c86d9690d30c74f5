package main

import (
	"strings"
	"sync"
)

// resourceType is one kind in one version. All versions of a kind share their objects.
type resourceType struct {
	group, version, plural, singular, kind string
	short                                  []string
	namespaced                             bool
	custom                                 bool // of a CustomResourceDefinition
	status                                 bool // has a status subresource
	schema                                 object
	columns                                []column
}

// title is `secrets`, `leases.coordination.k8s.io`.
func (t *resourceType) title() string {
	if t.group == "" {
		return t.plural
	}
	return t.plural + "." + t.group
}

func (t *resourceType) apiVersion() string {
	if t.group == "" {
		return t.version
	}
	return t.group + "/" + t.version
}

type types struct {
	mutex sync.RWMutex
	list  []*resourceType
}

// newTypes knows what a cluster has by itself, and External Secrets' kinds, whose own definitions are large and are
// stood in for by definitions that keep every field.
func newTypes() *types {
	core := func(plural, kind string, namespaced bool, short ...string) *resourceType {
		return &resourceType{
			version: "v1", plural: plural, singular: strings.ToLower(kind), kind: kind, namespaced: namespaced,
			short: short,
		}
	}
	namespaces := core("namespaces", "Namespace", false, "ns")
	namespaces.status = true
	pods := core("pods", "Pod", true, "po")
	pods.status = true
	result := &types{list: []*resourceType{
		namespaces, pods, core("secrets", "Secret", true), core("configmaps", "ConfigMap", true, "cm"),
		core("serviceaccounts", "ServiceAccount", true, "sa"), core("events", "Event", true, "ev"),
		{
			group: "coordination.k8s.io", version: "v1", plural: "leases", singular: "lease", kind: "Lease",
			namespaced: true,
		},
		{
			group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions",
			singular: "customresourcedefinition", kind: "CustomResourceDefinition", status: true,
			short: []string{"crd", "crds"},
		},
	}}
	external := func(group, plural, kind string, namespaced bool, versions ...string) {
		for _, version := range versions {
			result.list = append(result.list, &resourceType{
				group: group, version: version, plural: plural, singular: strings.ToLower(kind), kind: kind,
				namespaced: namespaced, custom: true, status: true, columns: readyColumns,
			})
		}
	}
	external("external-secrets.io", "externalsecrets", "ExternalSecret", true, "v1", "v1beta1")
	external("external-secrets.io", "clustersecretstores", "ClusterSecretStore", false, "v1", "v1beta1")
	external("external-secrets.io", "secretstores", "SecretStore", true, "v1", "v1beta1")
	external("federation.external-secrets.io", "authorizations", "Authorization", false, "v1alpha1")
	for plural, kind := range map[string]string{
		"kubernetesfederations": "KubernetesFederation", "spiffefederations": "SpiffeFederation",
		"oktafederations": "OktaFederation", "pingidentityfederations": "PingIdentityFederation",
	} {
		external("identity.federation.external-secrets.io", plural, kind, false, "v1alpha1")
	}
	for plural, kind := range map[string]string{
		"passwords": "Password", "uuids": "UUID", "fakes": "Fake", "webhooks": "Webhook", "sshkeys": "SSHKey",
		"mfas": "MFA", "basicauths": "BasicAuth", "postgresqls": "PostgreSql", "federations": "Federation",
	} {
		external("generators.external-secrets.io", plural, kind, true, "v1alpha1")
	}
	return result
}

func (t *types) find(group, version, plural string) *resourceType {
	t.mutex.RLock()
	defer t.mutex.RUnlock()
	for _, one := range t.list {
		if one.group == group && one.version == version && one.plural == plural {
			return one
		}
	}
	return nil
}

func (t *types) all() []*resourceType {
	t.mutex.RLock()
	defer t.mutex.RUnlock()
	return append([]*resourceType(nil), t.list...)
}

// define takes a CustomResourceDefinition into use, in place of what had its name.
func (t *types) define(definition object) []cause {
	spec := member(definition, "spec")
	names := member(spec, "names")
	group, plural := text(spec, "group"), text(names, "plural")
	causes := []cause{}
	need := func(isThere bool, field string) {
		if !isThere {
			causes = append(causes, cause{"FieldValueRequired", "Required value", field})
		}
	}
	need(group != "", "spec.group")
	need(plural != "", "spec.names.plural")
	need(text(names, "kind") != "", "spec.names.kind")
	need(len(list(spec["versions"])) > 0, "spec.versions")
	if text(definition, "metadata", "name") != plural+"."+group {
		causes = append(causes, cause{"FieldValueInvalid", "must be spec.names.plural+\".\"+spec.group", "metadata.name"})
	}
	defined := []*resourceType{}
	storages := 0
	for _, one := range list(spec["versions"]) {
		version, _ := one.(object)
		if version["storage"] == true {
			storages++
		}
		if version["served"] != true {
			continue
		}
		schema := member(version, "schema", "openAPIV3Schema")
		need(text(schema, "type") == "object", "spec.versions.schema.openAPIV3Schema")
		_, hasStatus := member(version, "subresources")["status"]
		kind := &resourceType{
			group: group, version: text(version, "name"), plural: plural, singular: text(names, "singular"),
			kind: text(names, "kind"), namespaced: text(spec, "scope") == "Namespaced", custom: true,
			status: hasStatus, schema: schema,
		}
		if kind.singular == "" {
			kind.singular = strings.ToLower(kind.kind)
		}
		for _, short := range list(names["shortNames"]) {
			kind.short = append(kind.short, short.(string))
		}
		for _, one := range list(version["additionalPrinterColumns"]) {
			definition, _ := one.(object)
			kind.columns = append(kind.columns, column{
				text(definition, "name"), text(definition, "type"), text(definition, "jsonPath"),
			})
		}
		defined = append(defined, kind)
	}
	if storages != 1 {
		causes = append(causes, cause{
			"FieldValueInvalid", "must have exactly one version marked as storage version", "spec.versions",
		})
	}
	if len(causes) > 0 {
		return causes
	}
	t.removeDefinition(plural + "." + group)
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.list = append(t.list, defined...)
	return nil
}

func (t *types) removeDefinition(name string) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	kept := []*resourceType{}
	for _, one := range t.list {
		if !one.custom || one.title() != name {
			kept = append(kept, one)
		}
	}
	t.list = kept
}
