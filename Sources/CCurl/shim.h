#pragma once
#include <curl/curl.h>

// curl_easy_setopt is variadic, which Swift cannot call: one shim for each type of value.
static inline CURLcode ccurl_setopt_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode ccurl_setopt_offset(CURL *handle, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode ccurl_setopt_pointer(CURL *handle, CURLoption option, const void *value) {
  return curl_easy_setopt(handle, option, value);
}
// libcurl copies the bytes.
static inline CURLcode ccurl_setopt_blob(CURL *handle, CURLoption option, const void *bytes, size_t count) {
  struct curl_blob blob = {(void *)bytes, count, CURL_BLOB_COPY};
  return curl_easy_setopt(handle, option, &blob);
}
// CURLOPT_WRITEFUNCTION and CURLOPT_HEADERFUNCTION.
static inline CURLcode ccurl_setopt_receive(CURL *handle, CURLoption option,
                                            size_t (*receive)(char *, size_t, size_t, void *)) {
  return curl_easy_setopt(handle, option, receive);
}
// CURLOPT_SSL_CTX_FUNCTION.
static inline CURLcode ccurl_setopt_on_tls_context(CURL *handle, CURLcode (*prepare)(void *, void *, void *)) {
  return curl_easy_setopt(handle, CURLOPT_SSL_CTX_FUNCTION, prepare);
}
// CURLOPT_PREREQFUNCTION.
static inline CURLcode ccurl_setopt_before_request(CURL *handle,
                                                   int (*before)(void *, char *, char *, int, int)) {
  return curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, before);
}
static inline CURLMcode ccurl_multi_setopt_long(CURLM *multi, CURLMoption option, long value) {
  return curl_multi_setopt(multi, option, value);
}
static inline CURLcode ccurl_getinfo_long(CURL *handle, CURLINFO info, long *value) {
  return curl_easy_getinfo(handle, info, value);
}
