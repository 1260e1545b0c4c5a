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
    ;; 16: a description. 32: the answer of `configure`. 256: that of `fields`. 320: that of the other functions.
    ;; Texts of a case stand from 1024 on, and what the host writes from 65536 on.
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
    JOB_EXPORTS
    CASE)
  (core instance $main (instantiate $main (with "room" (instance $room)) LOG_WITH))

  (type $description (record (field "summary" string) (field "options" string)))
  (func $describe (result $description)
    (canon lift (core func $main "describe") (memory $memory)))
  (func $configure (param "options" string) (result (result (error string)))
    (canon lift (core func $main "configure") (memory $memory) (realloc $realloc)))

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

  JOB_TYPES
)
