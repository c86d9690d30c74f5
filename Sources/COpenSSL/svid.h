#pragma once
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdint.h>
#include <time.h>

// Stacks of certificates are macros over generic functions, so what walks or makes one is here.

// How many URIs stand among the certificate's subject alternative names, and a copy of the first, which the caller
// frees with CRYPTO_free; -1 when the extension is damaged or there twice.
static inline int copenssl_uri_names(const X509 *certificate, unsigned char **first, int *length) {
  int critical = 0, count = 0;
  *first = NULL;
  *length = 0;
  GENERAL_NAMES *names = (GENERAL_NAMES *)X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, NULL);
  if (!names) return critical == -1 ? 0 : -1;
  for (int index = 0; index < sk_GENERAL_NAME_num(names); index++) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
    if (name->type != GEN_URI || count++ > 0) continue;
    *length = ASN1_STRING_length(name->d.uniformResourceIdentifier);
    *first = (unsigned char *)OPENSSL_memdup(ASN1_STRING_get0_data(name->d.uniformResourceIdentifier), *length + 1);
  }
  GENERAL_NAMES_free(names);
  return count;
}

// Seconds since 1970-01-01T00:00:00Z, and what has no meaning as a time ends before all others.
static inline int64_t copenssl_seconds(const ASN1_TIME *time) {
  struct tm parts;
  return ASN1_TIME_to_tm(time, &parts) == 1 ? (int64_t)timegm(&parts) : INT64_MIN;
}

// Verifies the first of `chain` against the CAs in `store`, with the others to lead there. Any certificate in the store
// ends a chain. Gives X509_V_OK or the reason, and when the first certificate of the verified chain ends.
static inline int copenssl_verify_svid(X509_STORE *store, X509 *const *chain, int count, int is_server, int64_t now,
                                       int64_t *ends) {
  int result = X509_V_ERR_OUT_OF_MEM;
  X509_STORE_CTX *context = X509_STORE_CTX_new();
  STACK_OF(X509) *others = sk_X509_new_null();
  *ends = INT64_MAX;
  int is_ready = context && others && count > 0;
  for (int index = 1; is_ready && index < count; index++) is_ready = sk_X509_push(others, chain[index]) > 0;
  if (is_ready && X509_STORE_CTX_init(context, store, chain[0], others) == 1) {
    X509_VERIFY_PARAM *parameters = X509_STORE_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
    X509_VERIFY_PARAM_set_auth_level(parameters, 2);
    X509_VERIFY_PARAM_set_time(parameters, (time_t)now);
    X509_STORE_CTX_set_purpose(context, is_server ? X509_PURPOSE_SSL_SERVER : X509_PURPOSE_SSL_CLIENT);
    int is_good = X509_verify_cert(context) == 1;
    result = X509_STORE_CTX_get_error(context);
    if (!is_good && result == X509_V_OK) result = X509_V_ERR_UNSPECIFIED;
    STACK_OF(X509) *verified = X509_STORE_CTX_get0_chain(context);
    for (int index = 0; is_good && index < sk_X509_num(verified); index++) {
      int64_t end = copenssl_seconds(X509_get0_notAfter(sk_X509_value(verified, index)));
      if (end < *ends) *ends = end;
    }
  }
  sk_X509_free(others);
  X509_STORE_CTX_free(context);
  return result;
}

// The alert of RFC 8446 section 6 that the peer has sent, -1 when the error is about something else.
static inline int copenssl_received_alert(unsigned long error) {
  int reason = ERR_GET_REASON(error);
  return ERR_GET_LIB(error) == ERR_LIB_SSL && reason > SSL_AD_REASON_OFFSET ? reason - SSL_AD_REASON_OFFSET : -1;
}
