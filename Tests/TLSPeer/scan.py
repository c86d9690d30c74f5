"""Scans a TLS server with sslyze and prints what it found, as one JSON object.

usage: scan.py PORT CA [CERTIFICATE KEY]

The server is on 127.0.0.1 and is called localhost. With a certificate, sslyze shows it to a server that asks for one.
"""

import json
import pathlib
import sys

from sslyze import (
    CertificateInfoExtraArgument,
    ClientAuthenticationCredentials,
    ScanCommand,
    ScanCommandAttemptStatusEnum,
    ScanCommandErrorReasonEnum,
    ScanCommandsExtraArguments,
    Scanner,
    ServerNetworkConfiguration,
    ServerNetworkLocation,
    ServerScanRequest,
)

VERSIONS = {
    "SSL 2.0": "ssl_2_0_cipher_suites",
    "SSL 3.0": "ssl_3_0_cipher_suites",
    "TLS 1.0": "tls_1_0_cipher_suites",
    "TLS 1.1": "tls_1_1_cipher_suites",
    "TLS 1.2": "tls_1_2_cipher_suites",
    "TLS 1.3": "tls_1_3_cipher_suites",
}


def scan_of(port, authority, credentials):
    arguments = ScanCommandsExtraArguments(
        certificate_info=CertificateInfoExtraArgument(custom_ca_file=pathlib.Path(authority))
    )
    scanner = Scanner()
    scanner.queue_scans(
        [
            ServerScanRequest(
                ServerNetworkLocation("localhost", port, ip_address="127.0.0.1"),
                ServerNetworkConfiguration("localhost", tls_client_auth_credentials=credentials),
                # Headers are for browsers.
                scan_commands=set(ScanCommand) - {ScanCommand.HTTP_HEADERS},
                scan_commands_extra_arguments=arguments,
            )
        ]
    )
    (scan,) = scanner.get_results()
    if scan.scan_result is None:
        sys.exit(f"sslyze could not connect: {scan.connectivity_error_trace}")
    return scan


class Unfinished:
    """Stands for the result of what ended with the server's wish for a certificate: its every member is None."""

    def __getattr__(self, name):
        return None


def findings(scan):
    def result(name):
        attempt = getattr(scan.scan_result, name)
        if attempt.error_reason == ScanCommandErrorReasonEnum.CLIENT_CERTIFICATE_NEEDED:
            return Unfinished()
        if attempt.status != ScanCommandAttemptStatusEnum.COMPLETED:
            sys.exit(f"sslyze did not complete {name}: {attempt.error_trace}")
        return attempt.result

    renegotiation = result("session_renegotiation")
    resumption = result("session_resumption")
    (deployment,) = result("certificate_info").certificate_deployments
    (trust,) = [
        each for each in deployment.path_validation_results if each.trust_store.name == "Supplied CA file"
    ]
    return {
        # Told truly only where none was shown.
        "clientCertificate": scan.connectivity_result.client_auth_requirement.name,
        "ciphers": {
            version: sorted(suite.cipher_suite.name for suite in result(name).accepted_cipher_suites)
            for version, name in VERSIONS.items()
        },
        "compression": result("tls_compression").supports_compression,
        "earlyData": result("tls_1_3_early_data").supports_early_data,
        "heartbleed": result("heartbleed").is_vulnerable_to_heartbleed,
        "ccsInjection": result("openssl_ccs_injection").is_vulnerable_to_ccs_injection,
        "robot": getattr(result("robot").robot_result, "name", None),
        "fallbackSCSV": result("tls_fallback_scsv").supports_fallback_scsv,
        "extendedMasterSecret": result("tls_extended_master_secret").supports_ems_extension,
        "secureRenegotiation": renegotiation.supports_secure_renegotiation,
        "renegotiations": renegotiation.client_renegotiations_success_count,
        "ticketResumption": getattr(resumption.tls_ticket_resumption_result, "name", None),
        "chain": [each.subject.rfc4514_string() for each in deployment.received_certificate_chain],
        "chainInOrder": deployment.received_chain_has_valid_order,
        "chainHasRoot": deployment.received_chain_contains_anchor_certificate,
        # Of a name that the certificate does not bear, sslyze says that the certificate is not trusted.
        "trusted": trust.was_validation_successful,
        "distrustedBecause": trust.validation_error or "",
    }


port, authority, *shown = sys.argv[1:]
credentials = ClientAuthenticationCredentials(*map(pathlib.Path, shown)) if shown else None
print(json.dumps(findings(scan_of(int(port), authority, credentials))))
