#pragma once
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// OpenSSL spells these as macros, which Swift does not import.

static inline long copenssl_set_mode(SSL_CTX *context, long mode) { return SSL_CTX_set_mode(context, mode); }
static inline int copenssl_set_minimum_version(SSL_CTX *context, int version) {
  return SSL_CTX_set_min_proto_version(context, version);
}
// Renegotiation is a denial-of-service lever that TLS 1.3 no longer has. Our wires carry lengths, so a missing
// close_notify cannot cut a message short unseen.
// Records are decrypted in place, in buffers that busy connections keep: what was read is wiped there, tokens with it.
static inline void copenssl_harden(SSL_CTX *context) {
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CLEANSE_PLAINTEXT);
}
// SSL_get_error needs an empty queue before each operation, and nearly always finds one: looking is cheaper than
// clearing sixteen entries.
static inline void copenssl_clear_errors(void) {
  if (ERR_peek_error() != 0) ERR_clear_error();
}
// A KeyUpdate (RFC 8446 section 4.6.3) carries no data, and SSL_read goes on by itself for as long as further ones come:
// a peer that sends nothing else would keep its event loop. This many are let through for free, and one more for each
// MiB of data, which is far more than any cipher's limits ask for.
typedef struct copenssl_key_updates {
  unsigned long long seen;
  unsigned long long bytes_read;
} copenssl_key_updates;

static inline void copenssl_on_message(int is_written, int version, int type, const void *message, size_t length,
                                       SSL *session, void *argument) {
  (void)version;
  copenssl_key_updates *updates = (copenssl_key_updates *)argument;
  if (is_written || type != SSL3_RT_HANDSHAKE || length == 0 || !updates) return;
  if (*(const unsigned char *)message != SSL3_MT_KEY_UPDATE) return;
  // What is read next is the end of the stream.
  if (++updates->seen > 32 + (updates->bytes_read >> 20)) SSL_set_shutdown(session, SSL_RECEIVED_SHUTDOWN);
}
static inline void copenssl_limit_key_updates(SSL *session, copenssl_key_updates *updates) {
  SSL_set_msg_callback(session, copenssl_on_message);
  SSL_set_msg_callback_arg(session, updates);
}
static inline void copenssl_set_read_ahead(SSL_CTX *context, int on) { SSL_CTX_set_read_ahead(context, on); }
static inline long copenssl_set_server_name(SSL *session, const char *name) {
  return SSL_set_tlsext_host_name(session, name);
}
// 80 bytes of name, HMAC and AES key: what SSL_CTX_{get,set}_tlsext_ticket_keys move.
static inline long copenssl_get_ticket_keys(SSL_CTX *context, void *keys, long length) {
  return SSL_CTX_get_tlsext_ticket_keys(context, keys, length);
}
static inline long copenssl_set_ticket_keys(SSL_CTX *context, void *keys, long length) {
  return SSL_CTX_set_tlsext_ticket_keys(context, keys, length);
}

// What the ALPN callback is handed: the server's protocols in wire form (RFC 7301 section 3.1).
typedef struct copenssl_alpn {
  const unsigned char *protocols;
  unsigned int length;
} copenssl_alpn;

// The server's order decides. A client that offers none of ours is refused with no_application_protocol.
static inline int copenssl_select_alpn(SSL *session, const unsigned char **out, unsigned char *out_length,
                                       const unsigned char *in, unsigned int in_length, void *argument) {
  (void)session;
  const copenssl_alpn *ours = (const copenssl_alpn *)argument;
  int result = SSL_select_next_proto((unsigned char **)out, out_length, ours->protocols, ours->length, in, in_length);
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}
static inline void copenssl_serve_alpn(SSL_CTX *context, copenssl_alpn *ours) {
  SSL_CTX_set_alpn_select_cb(context, copenssl_select_alpn, ours);
}
// Public keys from their numbers. In C because OSSL_PARAM_BLD keeps the pointers that it is given until
// OSSL_PARAM_BLD_to_param, longer than Swift's implicit bridging keeps them valid.
static inline EVP_PKEY *copenssl_public_key(const char *type, OSSL_PARAM_BLD *builder) {
  EVP_PKEY *key = NULL;
  OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
  if (parameters && context && EVP_PKEY_fromdata_init(context) == 1 &&
      EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
    EVP_PKEY_free(key);
    key = NULL;
  }
  EVP_PKEY_CTX_free(context);
  OSSL_PARAM_free(parameters);
  return key;
}

// Big-endian numbers; NULL when OpenSSL refuses them.
static inline EVP_PKEY *copenssl_rsa_public_key(
    const unsigned char *modulus, int modulus_size, const unsigned char *exponent, int exponent_size) {
  EVP_PKEY *key = NULL;
  OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
  BIGNUM *n = BN_bin2bn(modulus, modulus_size, NULL);
  BIGNUM *e = BN_bin2bn(exponent, exponent_size, NULL);
  if (builder && n && e && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
      OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1)
    key = copenssl_public_key("RSA", builder);
  BN_free(n);
  BN_free(e);
  OSSL_PARAM_BLD_free(builder);
  return key;
}

// `point` is uncompressed (0x04, x, y); NULL when it is not on the curve.
static inline EVP_PKEY *copenssl_ec_public_key(const char *curve, const unsigned char *point, size_t size) {
  EVP_PKEY *key = NULL;
  OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
  if (builder && OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, curve, 0) == 1 &&
      OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, size) == 1)
    key = copenssl_public_key("EC", builder);
  OSSL_PARAM_BLD_free(builder);
  return key;
}

static inline EVP_PKEY *copenssl_generate_rsa(size_t bits) { return EVP_RSA_gen(bits); }
static inline EVP_PKEY *copenssl_generate_ec(const char *curve) { return EVP_EC_gen(curve); }

// EVP_PKEY_Q_keygen is variadic.
static inline EVP_PKEY *copenssl_generate_ed25519(void) { return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"); }

static inline void copenssl_forbid_resumption(SSL_CTX *context) {
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
}
static inline void copenssl_limit_certificates(SSL_CTX *context, long bytes) {
  SSL_CTX_set_max_cert_list(context, bytes);
}
static inline long copenssl_add_chain_certificate(SSL_CTX *context, X509 *certificate) {
  return SSL_CTX_add1_chain_cert(context, certificate);
}
// The certificates that the peer sent, leaf first.
static inline int copenssl_untrusted_count(X509_STORE_CTX *store) {
  int count = sk_X509_num(X509_STORE_CTX_get0_untrusted(store));
  return count < 0 ? 0 : count;
}
static inline X509 *copenssl_untrusted(X509_STORE_CTX *store, int index) {
  return sk_X509_value(X509_STORE_CTX_get0_untrusted(store), index);
}

static inline long copenssl_bio_memory(BIO *bio, char **start) { return BIO_get_mem_data(bio, start); }
static inline int copenssl_is_end_of_pem(unsigned long error) {
  return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}
