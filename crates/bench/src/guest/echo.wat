;; The smallest handler of the `hearth:lambda` contract: `handle` answers with the event, or with what MARK stands for; START
;; and LENGTH stand for where that is. It reads a clock and draws a
;; random number on the way, as any language's runtime does. What is left of a benchmark's time is the host's.
(component
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock (export "now" (func (result u64)))))
  (import "wasi:random/random@0.2.0" (instance $random (export "get-random-u64" (func (result u64)))))
  (core func $now (canon lower (func $clock "now")))
  (core func $draw (canon lower (func $random "get-random-u64")))

  (core module $guest
    (import "wasi" "now" (func $now (result i64)))
    (import "wasi" "draw" (func $draw (result i64)))
    (memory (export "memory") 2)
    ;; Answers start at 16; what the host passes in starts at 1,024 and is forgotten after each call.
    (global $next (mut i32) (i32.const 1024))
    (data (i32.const 256) "MARK")

    (func (export "realloc") (param i32 i32 i32) (param $size i32) (result i32)
      (local $start i32)
      (local.set $start (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $start) (local.get $size)))
      (if (i32.gt_u (global.get $next) (i32.mul (memory.size) (i32.const 65536)))
        (then (drop (memory.grow
          (i32.add (i32.div_u (i32.sub (global.get $next) (i32.mul (memory.size) (i32.const 65536))) (i32.const 65536))
                   (i32.const 1))))))
      (local.get $start))

    (func (export "init") (param i32 i32) (result i32)
      (i32.store8 (i32.const 16) (i32.const 0))
      (global.set $next (i32.const 1024))
      (i32.const 16))

    (func (export "handle")
      (param $event i32) (param $length i32)
      (param i32 i32) (param i32 i32) (param i64)              ;; request id, ARN, deadline
      (param i32 i32 i32) (param i32 i32 i32) (param i32 i32 i32) ;; trace header, client context, identity
      (result i32)
      (drop (call $now))
      (drop (call $draw))
      (i32.store8 (i32.const 16) (i32.const 0))
      (i32.store (i32.const 20) START)
      (i32.store (i32.const 24) LENGTH)
      (i32.const 16))

    (func (export "forget") (param i32)
      (global.set $next (i32.const 1024))))

  (core instance $instance (instantiate $guest
    (with "wasi" (instance (export "now" (func $now)) (export "draw" (func $draw))))))

  (type $context (record
    (field "request-id" string) (field "invoked-function-arn" string) (field "deadline-ms" u64)
    (field "trace-header" (option string)) (field "client-context" (option string)) (field "identity" (option string))))
  (type $error (record
    (field "error-type" string) (field "error-message" string) (field "stack-trace" (list string))))
  (func $init (param "handler" string) (result (result (error $error)))
    (canon lift (core func $instance "init")
      (memory (core memory $instance "memory")) (realloc (core func $instance "realloc"))))
  (func $handle (param "event" (list u8)) (param "context" $context) (result (result (list u8) (error $error)))
    (canon lift (core func $instance "handle")
      (memory (core memory $instance "memory")) (realloc (core func $instance "realloc"))
      (post-return (core func $instance "forget"))))

  ;; An exported function's types must be exported with it, which takes a component around them.
  (component $shim
    (import "context-type" (type $context-in (eq $context)))
    (import "error-type" (type $error-in (eq $error)))
    (import "init" (func $init (param "handler" string) (result (result (error $error-in)))))
    (import "handle" (func $handle
      (param "event" (list u8)) (param "context" $context-in) (result (result (list u8) (error $error-in)))))
    (export $context-out "context" (type $context-in))
    (export $error-out "function-error" (type $error-in))
    (export "init" (func $init) (func (param "handler" string) (result (result (error $error-out)))))
    (export "handle" (func $handle) (func
      (param "event" (list u8)) (param "context" $context-out) (result (result (list u8) (error $error-out))))))
  (instance $handler (instantiate $shim
    (with "context-type" (type $context)) (with "error-type" (type $error))
    (with "init" (func $init)) (with "handle" (func $handle))))
  (export "hearth:lambda/handler@0.1.0" (instance $handler)))
