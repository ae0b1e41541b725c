#!/usr/bin/env bash
# No room includes a header of a room above it. The order is that of src/CMakeLists.txt.
set -euo pipefail
cd "$(dirname "$0")/../src"
declare -A below=(
  [base]=""
  [policy]="base"
  [store]="base"
  [wire]="base"
  [identity]="base wire"
  [account]="base wire identity policy store"
  [kube]="base wire identity account store"
  [service]="base wire identity account store policy kube"
  [cli]="base wire identity account store policy kube service"
)
bad=0
while IFS=: read -r file included; do
  room=${file%%/*}
  other=${included%%/*}
  [ "$room" = "$other" ] && continue
  [[ " base policy store wire identity account kube service cli " == *" $other "* ]] || continue
  case " ${below[$room]} " in
    *" $other "*) ;;
    *) echo "src/$file includes $included: $other is not below $room"; bad=1 ;;
  esac
done < <(grep -rHoE '^#include "[a-z0-9_]+/[^"]+"' --include='*.cc' --include='*.h' base policy store wire identity account kube service cli |
  sed 's/#include "//; s/"$//')
exit $bad
