import Kubernetes

extension EventRecorder: EventSink {
  /// Posts the event to the ExternalSecret's namespace.
  public func post(_ event: ReconcileEvent, about secret: SourcedExternalSecret) async {
    await post(
      about: ObjectReference(
        apiVersion: secret.apiVersion, kind: "ExternalSecret", namespace: secret.name.namespace,
        name: secret.name.name, uid: secret.uid),
      isWarning: event.isWarning, reason: event.reason, message: event.message)
  }
}
