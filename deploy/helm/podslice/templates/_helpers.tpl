{{- define "podslice.name" -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "podslice.labels" -}}
app.kubernetes.io/name: podslice
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "podslice.account" -}}
{{- .Values.serviceAccount.name | default (include "podslice.name" .) -}}
{{- end -}}

{{- /* podslice.yaml: the values' config, and over it what the mode needs. */ -}}
{{- define "podslice.config" -}}
{{- $own := dict "apiVersion" "podslice.io/v1alpha1" "kind" "PodsliceConfiguration" -}}
{{- $account := dict "kubeconfig" .Values.podSource.kubeconfig -}}
{{- if eq .Values.mode "nri" -}}
{{- $_ := set $own "nri" (dict "enabled" true "socket" "unix:///var/run/nri/nri.sock") -}}
{{- $account = dict "serviceAccount" "/var/run/secrets/kubernetes.io/serviceaccount" "server" .Values.podSource.server -}}
{{- end -}}
{{- if and .Values.podSource.events (not .Values.podSource.apiServer) -}}
{{- fail "podSource.events needs podSource.apiServer" -}}
{{- end -}}
{{- if .Values.podSource.apiServer -}}
{{- if .Values.podSource.events -}}
{{- $_ := set $account "events" true -}}
{{- end -}}
{{- $_ := set $own "podSpecs" (dict "apiServer" $account) -}}
{{- if .Values.podSource.failRefused -}}
{{- $_ := set $own "admission" (dict "refused" "fail") -}}
{{- end -}}
{{- end -}}
{{- mergeOverwrite (deepCopy .Values.config) $own | toYaml -}}
{{- end -}}
