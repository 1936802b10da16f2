# A reducer for the shell, for tests on a machine with nothing else: it counts events, and fails at the types in $FAIL.
n=0
while read -r line; do
  case $line in
    '{"op":"hello"'*) echo '{"protocol":1,"name":"counter"}'; echo 'the counter is ready' >&2 ;;
    '{"op":"begin"'*'"state":'*) n=${line##*'"events":'}; n=${n%%[!0-9]*} ;;
    '{"op":"begin"'*) n=0 ;;
    *"\"type\":\"${FAIL:-none}\""*) echo '{"error":"the counter cannot count this","op":"apply"}' ;;
    *"\"type\":\"${HANG:-none}\""*) sleep 1000 ;;
    '{"op":"apply"'*) n=$((n+1)) ;;
    '{"op":"state"'*) echo "{\"state\":{\"events\":$n,\"even\":$((n % 2 == 0))}}" ;;
  esac
done
