{{/* The names are fixed: the roles, the webhook configuration and the CRDs are the cluster's, so there is one Bridgehead in a cluster. */}}
{{- define "bridgehead.selector" -}}
app.kubernetes.io/name: bridgehead
app.kubernetes.io/component: operator
{{- end }}

{{- define "bridgehead.labels" -}}
{{ include "bridgehead.selector" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: bridgehead
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "bridgehead.testLabels" -}}
app.kubernetes.io/name: bridgehead
app.kubernetes.io/component: test
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* An object of `helm test`; the argument is its turn. Removed before the next test, and after one that went well. */}}
{{- define "bridgehead.testHook" -}}
helm.sh/hook: test
helm.sh/hook-weight: {{ . | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}

{{- define "bridgehead.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{/* Where connectors are served, as a JSON list; empty: everywhere. */}}
{{- define "bridgehead.namespaces" -}}
{{- if .Values.watchOwnNamespace -}}
{{ append .Values.watchNamespaces .Release.Namespace | uniq | toJson }}
{{- else -}}
{{ .Values.watchNamespaces | toJson }}
{{- end -}}
{{- end }}

{{/* What the operator does in a namespace with connectors. Secrets and ConfigMaps are read and watched by name, which users choose, so the rights can't name them; nothing lists them. */}}
{{- define "bridgehead.rules" -}}
- apiGroups: [bridgehead.dev]
  resources: [smtpconnectors]
  verbs: [get, list, watch, patch]
- apiGroups: [bridgehead.dev]
  resources: [bridgeheads]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [bridgehead.dev]
  resources: [smtpconnectors/status, bridgeheads/status]
  verbs: [patch]
# To own Bridgeheads, where the cluster guards that.
- apiGroups: [bridgehead.dev]
  resources: [smtpconnectors/finalizers]
  verbs: [update]
- apiGroups: [apps]
  resources: [statefulsets]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [""]
  resources: [services, serviceaccounts]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [networking.k8s.io]
  resources: [networkpolicies]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [autoscaling]
  resources: [horizontalpodautoscalers]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [""]
  resources: [persistentvolumeclaims]
  verbs: [get, list, watch, patch, delete]
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch, patch, delete]
- apiGroups: [""]
  resources: [pods/eviction]
  verbs: [create]
# Whether the namespace is being deleted: then nothing holds a connector back.
- apiGroups: [""]
  resources: [namespaces]
  verbs: [get]
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, watch, create, patch, delete]
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get, watch]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create]
{{- end }}
