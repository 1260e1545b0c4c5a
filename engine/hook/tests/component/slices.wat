    (func (export "cut") (param i32 i32 i32 i32 i32 i32 i64) (result i32) (call $cut))

;; and outside of the module

  (type $question (record
    (field "stream" string) (field "config" string) (field "state" string) (field "now" u64)))
  (func $cut (param "of" $question) (result (result (list string) (error string)))
    (canon lift (core func $main "cut") (memory $memory) (realloc $realloc)))

  (component $slices-exports
    (import "question" (type $its-question (eq $question)))
    (import "cut" (func $cut (param "of" $its-question) (result (result (list string) (error string)))))
    (export $out-question "question" (type $its-question))
    (export "cut" (func $cut) (func (param "of" $out-question) (result (result (list string) (error string))))))
  (instance $slices (instantiate $slices-exports (with "question" (type $question)) (with "cut" (func $cut))))
  (export "tapwright:hook/slices@1.0.0" (instance $slices))
