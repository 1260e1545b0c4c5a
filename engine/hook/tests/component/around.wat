;; A component around the functions of a case. Words in capitals give way to them, and to the import of the log.
;; The types are those of `wit/hook.wit`.
(component
  LOG_INSTANCE

  ;; Memory of its own, so that what is imported can write to it.
  (core module $room
    (memory (export "memory") 2)
    (global $free (export "free") (mut i32) (i32.const 65536))
    (func (export "realloc") (param $old i32) (param $had i32) (param $align i32) (param $want i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
      (global.set $free (i32.add (local.get $at) (local.get $want)))
      (block $enough
        (loop $more
          (br_if $enough (i32.le_u (global.get $free) (i32.mul (memory.size) (i32.const 65536))))
          (drop (memory.grow (i32.const 16)))
          (br $more)))
      (local.get $at)))
  (core instance $room (instantiate $room))
  (alias core export $room "memory" (core memory $memory))
  (alias core export $room "realloc" (core func $realloc))
  LOG_LOWERED

  (core module $main
    LOG_IMPORT
    (import "room" "memory" (memory 2))
    (import "room" "free" (global $free (mut i32)))
    ;; 16: a description. 32: the answer of `configure`. 256: that of `fields`. 320: that of `change`. Texts of a
    ;; case stand from 1024 on, and what the host writes from 65536 on.
    (data (i32.const 16) "\40\00\00\00\18\00\00\00\80\00\00\00\11\00\00\00")
    (data (i32.const 64) "Does what it should not.")
    (data (i32.const 128) "{\22type\22:\22object\22}")
    ;; The answer of `change` with these records. What the host wrote may go.
    (func $answer (param $at i32) (param $length i32) (result i32)
      (i32.store (i32.const 324) (local.get $at))
      (i32.store (i32.const 328) (local.get $length))
      (global.set $free (i32.const 65536))
      (i32.const 320))
    (func (export "describe") (result i32) (call $describe))
    (func (export "configure") (param i32 i32) (result i32) (call $configure (local.get 0) (local.get 1)))
    (func (export "fields") (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) (call $fields))
    (func (export "change") (param i32 i32) (result i32) (call $change (local.get 0) (local.get 1)))
    CASE)
  (core instance $main (instantiate $main (with "room" (instance $room)) LOG_WITH))

  (type $description (record (field "summary" string) (field "options" string)))
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

  (func $describe (result $description)
    (canon lift (core func $main "describe") (memory $memory)))
  (func $configure (param "options" string) (result (result (error string)))
    (canon lift (core func $main "configure") (memory $memory) (realloc $realloc)))
  (func $fields (param "of" $stream) (param "given" (list $table)) (result (result $effect (error string)))
    (canon lift (core func $main "fields") (memory $memory) (realloc $realloc)))
  (func $change (param "batch" (list u8)) (result (result $answer (error string)))
    (canon lift (core func $main "change") (memory $memory) (realloc $realloc)))

  (component $about-exports
    (import "description" (type $its-description (eq $description)))
    (import "describe" (func $describe (result $its-description)))
    (import "configure" (func $configure (param "options" string) (result (result (error string)))))
    (export $out-description "description" (type $its-description))
    (export "describe" (func $describe) (func (result $out-description)))
    (export "configure" (func $configure)))
  (instance $about (instantiate $about-exports
    (with "description" (type $description))
    (with "describe" (func $describe)) (with "configure" (func $configure))))
  (export "tapwright:hook/about@1.0.0" (instance $about))

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
)
