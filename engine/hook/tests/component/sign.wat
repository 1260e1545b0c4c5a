    (func (export "sign") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i64 i32 i32) (result i32) (call $sign))

;; and outside of the module

  (type $pair (record (field "name" string) (field "value" string)))
  (type $request (record
    (field "method" string) (field "url" string) (field "headers" (list $pair)) (field "body" (option (list u8)))
    (field "now" u64) (field "nonce" (list u8))))
  (type $signature (record (field "headers" (list $pair)) (field "params" (list $pair))))
  (func $sign (param "of" $request) (result (result $signature (error string)))
    (canon lift (core func $main "sign") (memory $memory) (realloc $realloc)))

  (component $sign-exports
    (import "pair" (type $its-pair (eq $pair)))
    (type $request' (record
      (field "method" string) (field "url" string) (field "headers" (list $its-pair))
      (field "body" (option (list u8))) (field "now" u64) (field "nonce" (list u8))))
    (import "request" (type $its-request (eq $request')))
    (type $signature' (record (field "headers" (list $its-pair)) (field "params" (list $its-pair))))
    (import "signature" (type $its-signature (eq $signature')))
    (import "sign" (func $sign (param "of" $its-request) (result (result $its-signature (error string)))))
    (export $out-pair "pair" (type $its-pair))
    (type $out-request' (record
      (field "method" string) (field "url" string) (field "headers" (list $out-pair))
      (field "body" (option (list u8))) (field "now" u64) (field "nonce" (list u8))))
    (export $out-request "request" (type $out-request'))
    (type $out-signature' (record (field "headers" (list $out-pair)) (field "params" (list $out-pair))))
    (export $out-signature "signature" (type $out-signature'))
    (export "sign" (func $sign) (func (param "of" $out-request) (result (result $out-signature (error string))))))
  (instance $sign (instantiate $sign-exports
    (with "pair" (type $pair)) (with "request" (type $request)) (with "signature" (type $signature))
    (with "sign" (func $sign))))
  (export "tapwright:hook/sign@1.0.0" (instance $sign))
