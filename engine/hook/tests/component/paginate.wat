    (func (export "after") (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32) (call $after))

;; and outside of the module

  (type $pair (record (field "name" string) (field "value" string)))
  (type $response (record
    (field "url" string) (field "status" u16) (field "headers" (list $pair)) (field "body" (list u8))
    (field "records" u32) (field "page" u32)))
  (type $next (record
    (field "url" (option string)) (field "params" (list $pair)) (field "headers" (list $pair))
    (field "body" (option (list u8)))))
  (type $step (variant (case "next" $next) (case "stop" string)))
  (func $after (param "page" $response) (result (result $step (error string)))
    (canon lift (core func $main "after") (memory $memory) (realloc $realloc)))

  (component $paginate-exports
    (import "pair" (type $its-pair (eq $pair)))
    (type $response' (record
      (field "url" string) (field "status" u16) (field "headers" (list $its-pair)) (field "body" (list u8))
      (field "records" u32) (field "page" u32)))
    (import "response" (type $its-response (eq $response')))
    (type $next' (record
      (field "url" (option string)) (field "params" (list $its-pair)) (field "headers" (list $its-pair))
      (field "body" (option (list u8)))))
    (import "next" (type $its-next (eq $next')))
    (type $step' (variant (case "next" $its-next) (case "stop" string)))
    (import "step" (type $its-step (eq $step')))
    (import "after" (func $after (param "page" $its-response) (result (result $its-step (error string)))))
    (export $out-pair "pair" (type $its-pair))
    (type $out-response' (record
      (field "url" string) (field "status" u16) (field "headers" (list $out-pair)) (field "body" (list u8))
      (field "records" u32) (field "page" u32)))
    (export $out-response "response" (type $out-response'))
    (type $out-next' (record
      (field "url" (option string)) (field "params" (list $out-pair)) (field "headers" (list $out-pair))
      (field "body" (option (list u8)))))
    (export $out-next "next" (type $out-next'))
    (type $out-step' (variant (case "next" $out-next) (case "stop" string)))
    (export $out-step "step" (type $out-step'))
    (export "after" (func $after) (func (param "page" $out-response) (result (result $out-step (error string))))))
  (instance $paginate (instantiate $paginate-exports
    (with "pair" (type $pair)) (with "response" (type $response)) (with "next" (type $next))
    (with "step" (type $step)) (with "after" (func $after))))
  (export "tapwright:hook/paginate@1.0.0" (instance $paginate))
