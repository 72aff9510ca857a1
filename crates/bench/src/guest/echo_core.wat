;; A handler without the component model: `echo` copies the event to the answer's place and says where that is.
(module
  (memory (export "memory") 1 1)
  (data (i32.const 64) "hello from the data segment")
  (func (export "echo") (param $length i32) (result i32)
    (memory.copy (i32.const 0x8000) (i32.const 0x1000) (local.get $length))
    (i32.const 0x8000)))
