{{- /* The nodes and the order in which pods of the DaemonSet are made and replaced. */ -}}
{{- define "podslice.rollout" -}}
minReadySeconds: {{ .Values.minReadySeconds }}
{{- /* A removal that waits for its pods to be deleted by hand would be none. */}}
{{- $strategy := eq .Values.mode "uninstall" | ternary "RollingUpdate" .Values.updateStrategy }}
updateStrategy:
  type: {{ $strategy }}
  {{- if eq $strategy "RollingUpdate" }}
  rollingUpdate:
    maxUnavailable: {{ .Values.maxUnavailable }}
  {{- end }}
{{- end -}}

{{- define "podslice.placement" -}}
serviceAccountName: {{ include "podslice.account" . }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 0 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 0 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "podslice.image" -}}
image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- end -}}

{{- /* A command of podslice's: there is no shell in the image. */ -}}
{{- define "podslice.tool" -}}
/opt/podslice/jvm/bin/java, "@/opt/podslice/lib/tool.args"
{{- end -}}

{{- define "podslice.selinux" -}}
{{- with .Values.seLinuxType }}
seLinuxOptions:
  type: {{ . }}
{{- end }}
{{- end -}}
