    (func (export "fields") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) (call $fields))
    (func (export "change") (param i32 i32) (result i32) (call $change (local.get 0) (local.get 1)))

;; and outside of the module

  (type $field (record (field "name" string) (field "kind" string) (field "description" (option string))))
  (type $stream (record
    (field "name" string) (field "fields" (list $field)) (field "primary-key" (list string))
    (field "routes" (list string))))
  (type $table (record (field "name" string) (field "records" (option (list u8)))))
  (type $effect (record
    (field "reads" (option (list string))) (field "fields" (list $field)) (field "others" (option string))
    (field "notes" (list string))))
  (type $route (record (field "line" u32) (field "stream" string)))
  (type $refusal (record (field "record" u32) (field "reason" string)))
  (type $answer (record
    (field "records" (list u8)) (field "origins" (list u32)) (field "routes" (list $route))
    (field "refused" (list $refusal))))

  (func $fields (param "of" $stream) (param "given" (list $table)) (result (result $effect (error string)))
    (canon lift (core func $main "fields") (memory $memory) (realloc $realloc)))
  (func $change (param "batch" (list u8)) (result (result $answer (error string)))
    (canon lift (core func $main "change") (memory $memory) (realloc $realloc)))

  (component $records-exports
    (import "field" (type $its-field (eq $field)))
    (type $stream' (record
      (field "name" string) (field "fields" (list $its-field)) (field "primary-key" (list string))
      (field "routes" (list string))))
    (import "stream" (type $its-stream (eq $stream')))
    (import "table" (type $its-table (eq $table)))
    (type $effect' (record
      (field "reads" (option (list string))) (field "fields" (list $its-field)) (field "others" (option string))
      (field "notes" (list string))))
    (import "effect" (type $its-effect (eq $effect')))
    (import "route" (type $its-route (eq $route)))
    (import "refusal" (type $its-refusal (eq $refusal)))
    (type $answer' (record
      (field "records" (list u8)) (field "origins" (list u32)) (field "routes" (list $its-route))
      (field "refused" (list $its-refusal))))
    (import "answer" (type $its-answer (eq $answer')))
    (import "fields" (func $fields
      (param "of" $its-stream) (param "given" (list $its-table)) (result (result $its-effect (error string)))))
    (import "change" (func $change (param "batch" (list u8)) (result (result $its-answer (error string)))))
    ;; What goes out names its types by what went out before.
    (export $out-field "field" (type $its-field))
    (type $out-stream' (record
      (field "name" string) (field "fields" (list $out-field)) (field "primary-key" (list string))
      (field "routes" (list string))))
    (export $out-stream "stream" (type $out-stream'))
    (export $out-table "table" (type $its-table))
    (type $out-effect' (record
      (field "reads" (option (list string))) (field "fields" (list $out-field)) (field "others" (option string))
      (field "notes" (list string))))
    (export $out-effect "effect" (type $out-effect'))
    (export $out-route "route" (type $its-route))
    (export $out-refusal "refusal" (type $its-refusal))
    (type $out-answer' (record
      (field "records" (list u8)) (field "origins" (list u32)) (field "routes" (list $out-route))
      (field "refused" (list $out-refusal))))
    (export $out-answer "answer" (type $out-answer'))
    (export "fields" (func $fields) (func
      (param "of" $out-stream) (param "given" (list $out-table)) (result (result $out-effect (error string)))))
    (export "change" (func $change) (func
      (param "batch" (list u8)) (result (result $out-answer (error string))))))
  (instance $records (instantiate $records-exports
    (with "field" (type $field)) (with "stream" (type $stream)) (with "table" (type $table))
    (with "effect" (type $effect)) (with "route" (type $route)) (with "refusal" (type $refusal))
    (with "answer" (type $answer)) (with "fields" (func $fields)) (with "change" (func $change))))
  (export "tapwright:hook/records@1.0.0" (instance $records))
